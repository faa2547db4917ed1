// Waits until the region can be used, and says what it waits for. Asks the ops ports, as people and Prometheus do.
import { get } from 'node:http';
import { Deadline, systemClock } from '@zonehold/primitives';
import { z } from 'zod';
import { refuse } from '../refusal.ts';
import { loopback } from '../region/settings-files.ts';
import type { SupervisedProcess } from './supervised-process.ts';

/** All services are usually ready within seconds; after that a region whose majority works is let go on. */
const patienceMs = 20_000;
/** A cold, loaded machine; after that something is wrong. */
const limitMs = 60_000;
const pollMs = 50;
const askTimeoutMs = 1_000;

const readinessSchema = z.object({ reasons: z.array(z.string()) });

/** One service that is not ready, and why. */
export interface NotReady {
  readonly zone: string;
  readonly service: string;
  readonly reasons: readonly string[];
}

/**
 * Resolves with those that are not ready: none, or after 20 s those of a minority of zones (a lost disk must not keep the region down).
 * Refuses when a service ended because its files are wrong, or when no majority of zones is ready within 60 s.
 */
export async function whenReady(
  processes: readonly SupervisedProcess[],
  refusalOf: (process: SupervisedProcess) => string,
): Promise<readonly NotReady[]> {
  const asked = processes.filter(({ plan }) => plan.ports['ops'] !== undefined);
  const zones = new Set(asked.map(({ plan }) => plan.zone));
  const patience = Deadline.after(systemClock, patienceMs);
  const limit = Deadline.after(systemClock, limitMs);
  const ready = new Set<SupervisedProcess>();
  for (;;) {
    const failed = processes.filter(({ state }) => state === 'failed');
    const answers = await Promise.all(
      asked.filter((process) => !ready.has(process)).map((process) => ask(process, ready)),
    );
    const waiting = answers.filter((answer) => answer !== undefined);
    if (waiting.length === 0) return [];
    const zonesOut = new Set(waiting.map(({ zone }) => zone));
    const hasMajority = zones.size - zonesOut.size > zones.size / 2;
    const failedZones = new Set(failed.map(({ plan }) => plan.zone));
    const [firstFailed] = failed;
    if (firstFailed !== undefined && failedZones.size > 1) refuse(refusalOf(firstFailed));
    if (patience.hasPassed() && hasMajority) return waiting;
    if (limit.hasPassed()) {
      const sentences = waiting.map(
        ({ zone, service, reasons }) => `${service} of ${zone}: ${reasons.join(' ')}`,
      );
      refuse(`The region did not become ready within ${limitMs / 1_000} s. ${sentences.join(' ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function ask(
  process: SupervisedProcess,
  ready: Set<SupervisedProcess>,
): Promise<NotReady | undefined> {
  const { zone, service, ports } = process.plan;
  const reasons = await readinessReasons(ports['ops'] ?? 0);
  if (reasons.length > 0) return { zone, service, reasons };
  ready.add(process);
  return undefined;
}

/** Why the service with this ops port is not ready; empty when it is. */
export function readinessReasons(opsPort: number): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const options = { host: loopback, port: opsPort, path: '/readyz', timeout: askTimeoutMs };
    const request = get(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve(['Its answer was cut off.']));
      response.on('end', () => resolve(response.statusCode === 200 ? [] : parseReasons(text)));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(['It does not answer yet.']));
  });
}

function parseReasons(text: string): readonly string[] {
  try {
    const { reasons } = readinessSchema.parse(JSON.parse(text));
    return reasons.length > 0 ? reasons : ['It gives no reason.'];
  } catch {
    return ['It gives no reason.'];
  }
}
