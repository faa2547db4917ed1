// Requests at a rate that does not wait for answers, as a tenant's many clients send them.
import { setInterval } from 'node:timers/promises';
import type { Reply } from './contract/api.ts';

/** How the answers came. */
export interface Paced {
  /** Milliseconds from sending to the whole answer, of successes. */
  readonly latenciesMs: readonly number[];
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
}

/** Timers are no finer; what is due together is sent together. */
const tickMs = 10;
/** A region that hangs must not fill the memory of this process. */
const inFlightMax = 400;

/** Sends `send` so many times a second for `durationMs`, and waits for the last answer. */
export async function paced(
  perSecond: number,
  durationMs: number,
  send: () => Promise<Reply>,
): Promise<Paced> {
  const latenciesMs: number[] = [];
  const statuses: Record<number, number> = {};
  const underWay = new Set<Promise<void>>();
  const one = async (): Promise<void> => {
    const startedMs = performance.now();
    const { status } = await send();
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status < 300) latenciesMs.push(performance.now() - startedMs);
  };
  const beganMs = performance.now();
  let sent = 0;
  for await (const _tick of setInterval(tickMs)) {
    const elapsedMs = Math.min(performance.now() - beganMs, durationMs);
    const due = Math.floor((elapsedMs / 1_000) * perSecond);
    for (; sent < due && underWay.size < inFlightMax; sent += 1) {
      const request = one();
      underWay.add(request);
      void request.finally(() => underWay.delete(request)).catch(() => undefined);
    }
    if (elapsedMs >= durationMs) break;
  }
  await Promise.all(underWay);
  return { latenciesMs, statuses, elapsedMs: performance.now() - beganMs };
}

/** The value that 99 of 100 do not exceed. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
