// A load from Node itself: for machines without wrk, and for tests that want to know why a request failed.
import { Agent } from 'node:https';
import { systemClock as clock } from '@zonehold/primitives';
import { sendHttps, type HttpCall } from './kms-client.ts';
import { percentile, type Measurement } from './measurement.ts';
import type { LoadOptions } from './wrk.ts';

export interface SteadyLoadOptions {
  readonly call: HttpCall;
  readonly ca: string;
  readonly connections: number;
  /** What a good answer is; default: any 2xx. */
  readonly isGood?: (status: number, text: string) => boolean;
}

export interface SteadyCounts {
  readonly ok: number;
  readonly failed: number;
  /** How often each reason was met: `503`, `ECONNRESET`, ... */
  readonly reasons: Readonly<Record<string, number>>;
  /** Milliseconds of every answered request, in order of size. */
  readonly latenciesMs: readonly number[];
}

export interface SteadyLoad {
  /** Ends the load after the requests under way, and gives the counts. */
  stop(): Promise<SteadyCounts>;
}

/** Starts `connections` loops that each send the same request again and again. A failed one is counted, not repeated. */
export function startSteadyLoad(options: SteadyLoadOptions): SteadyLoad {
  const { call, ca, connections } = options;
  const isGood = options.isGood ?? ((status) => status >= 200 && status < 300);
  const agent = new Agent({ keepAlive: true, ca, maxSockets: connections });
  const reasons: Record<string, number> = {};
  const latenciesMs: number[] = [];
  let ok = 0;
  let isStopping = false;
  const fail = (reason: string): void => {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  };
  const loop = async (): Promise<void> => {
    while (!isStopping) {
      const startedAtMs = clock.monotonicMs();
      try {
        const { status, text } = await sendHttps(agent, call);
        latenciesMs.push(clock.monotonicMs() - startedAtMs);
        if (isGood(status, text)) ok += 1;
        else fail(String(status));
      } catch (error) {
        fail((error as NodeJS.ErrnoException).code ?? (error as Error).message);
      }
    }
  };
  const running = Promise.all(Array.from({ length: connections }, loop));
  return {
    stop: async () => {
      isStopping = true;
      await running;
      agent.destroy();
      const failed = Object.values(reasons).reduce((sum, count) => sum + count, 0);
      return {
        ok,
        failed,
        reasons,
        latenciesMs: latenciesMs.toSorted((left, right) => left - right),
      };
    },
  };
}

/** One measured run, with the same figures as wrk's. */
export async function runNodeLoad(
  options: LoadOptions & { readonly ca: string },
): Promise<Measurement> {
  const startedAtMs = clock.monotonicMs();
  const load = startSteadyLoad(options);
  await new Promise((resolve) => setTimeout(resolve, options.durationS * 1_000));
  const { ok, failed, latenciesMs } = await load.stop();
  return {
    requestsPerS: (ok / (clock.monotonicMs() - startedAtMs)) * 1_000,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    failures: failed,
  };
}
