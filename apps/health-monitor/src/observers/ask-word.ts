// One question to the monitor of another zone, over the mesh: the same mTLS and frames as requests use.
import { healthMonitorMethods } from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import { Deadline, type Clock } from '@zonehold/primitives';
import { probeTimeoutMs } from '../probe.ts';
import { readWord, type Word } from './word.ts';

/** The word of the monitor of `zone`. Rejects when it cannot be had in the time of a probe, or is none. */
export async function askWord(mesh: MeshClient, zone: string, clock: Clock): Promise<Word> {
  const { reply } = await mesh.call(
    'health-monitor',
    healthMonitorMethods.word,
    {},
    { deadline: Deadline.after(clock, probeTimeoutMs), retry: 'none', zone },
  );
  return readWord(reply, zone);
}
