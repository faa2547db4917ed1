// Is everything in the region as it should be? A drill begins there, or says nothing about its own fault.
import { setTimeout } from 'node:timers/promises';
import type { ZonesReply, ZoneVerdict } from '@zonehold/api-contract';
import type { Clock } from '@zonehold/primitives';
import { CouldNotRun } from './could-not-run.ts';
import { samplesOf } from './metrics-page.ts';
import { opsDocument, opsPage } from './ops-page.ts';
import type { Region } from './region.ts';

const pollMs = 200;
/** A zone that was down a few times within minutes answers, and is held back for minutes: a drill need not wait for that. */
const wellEnough: ReadonlySet<ZoneVerdict> = new Set(['healthy', 'recovering']);
/** Longer than a Redis that is mended, an ejection or two, and a verdict held back. */
const patienceMs = 90_000;

/**
 * Resolves when nothing speaks against it. `withVerdicts`: the monitors must call every zone healthy, or recovering, too. Throws CouldNotRun with what is missing still.
 */
export async function whenSteady(
  region: Region,
  withVerdicts: boolean,
  clock: Clock,
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const endsAtMs = clock.monotonicMs() + patienceMs;
  for (let isFirst = true; ; isFirst = false) {
    const [missing] = await whatIsMissing(region, withVerdicts);
    if (missing === undefined) return;
    if (isFirst) say(`waiting: ${missing}`);
    if (clock.monotonicMs() >= endsAtMs) {
      throw new CouldNotRun(`The region is not well, so no drill was begun: ${missing}`);
    }
    await setTimeout(pollMs, undefined, { signal });
  }
}

/** Sentences; empty when all is well. */
async function whatIsMissing(region: Region, withVerdicts: boolean): Promise<string[]> {
  const { processes, phase } = await region.ask({ command: 'processes' });
  if (phase !== 'ready') return [`the region is ${phase}.`];
  const idle = processes.filter(({ state }) => state !== 'running');
  if (idle.length > 0)
    return idle.map(({ zone, service, state }) => `${service} of ${zone} is ${state}.`);
  const found = await Promise.all([
    ...(['gateway', 'key-manager'] as const).flatMap((service) =>
      region
        .listeners(service)
        .map(({ zone, listener }) =>
          opsPage(listener, '/metrics').then((page) =>
            page === undefined
              ? [`${service} of ${zone} is silent.`]
              : aboutPage(page, service, zone, region.zones),
          ),
        ),
    ),
    ...(withVerdicts ? [aboutVerdicts(region)] : []),
  ]);
  return found.flat();
}

/**
 * What one process says of its links and its acceptors. Not of ejections and circuits: those of a quiet region wait for a call to end them,
 * and the warm-up makes it.
 */
function aboutPage(
  page: string,
  service: string,
  zone: string,
  zones: readonly string[],
): string[] {
  const links = samplesOf(page, 'kms_mesh_link_up');
  const down = links.filter(({ value }) => value !== 1);
  const acceptors = samplesOf(page, 'kms_acceptor_up').filter(({ value }) => value === 1);
  const of = `${service} of ${zone}`;
  return [
    ...(links.length === 0 ? [`${of} has no links yet.`] : []),
    ...down.map(({ labels }) => `${of} has no link to ${labels['service']} of ${labels['zone']}.`),
    // Counted, not only checked: an acceptor that was never reached has no sample at all.
    ...(service === 'key-manager' && acceptors.length < zones.length
      ? [`${of} counts ${acceptors.length} of ${zones.length} acceptors.`]
      : []),
  ];
}

async function aboutVerdicts(region: Region): Promise<string[]> {
  const replies = await Promise.all(
    region.listeners('health-monitor').map(async ({ zone, listener }) => ({
      zone,
      reply: (await opsDocument(listener, '/zones')) as ZonesReply | undefined,
    })),
  );
  return replies.flatMap(({ zone, reply }) =>
    reply === undefined
      ? [`health-monitor of ${zone} is silent.`]
      : reply.zones
          .filter(({ state }) => !wellEnough.has(state))
          .map((entry) => `the monitor of ${zone} calls ${entry.zone} ${entry.state}.`),
  );
}
