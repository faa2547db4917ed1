// The straddling quorum (reference A4): two promises of one round, one from a zone before it lost its memory, one from
// another zone after the rebuild. Random seeds never found it; this schedule always does, unless there is a fence.
import { Deadline, isKmsError } from '@zonehold/primitives';
import { fencelessRules } from './broken-acceptors.ts';
import { mixEpochs } from './broken-proposers.ts';
import type { Variant } from './broken-variants.ts';
import { Scene, sceneRegister, type SceneProcess } from './scene.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;

/** Variants that only this schedule catches. */
export const straddlingVariants: Readonly<Record<string, Variant>> = {
  'acceptors ignore the configuration of a message: no fence': { acceptorRules: fencelessRules },
  'replies of two epochs make a quorum': { wrapPorts: mixEpochs },
};

export interface StraddleEnd {
  /** Appends that were acknowledged. */
  readonly acknowledged: readonly string[];
  /** What two processes read in the end, each through other zones. */
  readonly seen: readonly (readonly string[])[];
}

/** True when an acknowledged append is missing. */
export function isLost({ acknowledged, seen }: StraddleEnd): boolean {
  return acknowledged.some((opId) => seen.some((list) => !list.includes(opId)));
}

/** Rounds that come to nothing: the next ballot of this process is far above everybody's. */
async function countUp(scene: Scene, { network, store }: SceneProcess): Promise<void> {
  network.script = (kind) => (kind === 'read' || kind === 'prepare' ? 'lose-request' : 'deliver');
  for (let round = 0; round < 20; round += 1) {
    const keep = store.change(
      sceneRegister,
      () => ({ kind: 'keep', result: undefined }),
      Deadline.after(scene.time, 1_000),
    );
    await scene.ended(keep).catch((error: unknown) => {
      if (!isKmsError(error)) throw error;
    });
  }
}

/** Plays the schedule. */
export async function straddle(variant: Variant = {}): Promise<StraddleEnd> {
  const scene = new Scene(variant);
  await scene.ended(scene.append(scene.process(), 'first'));
  const slow = scene.process();
  await scene.read(slow);
  await countUp(scene, slow);
  // C promises; the same message to A is under way for a long time.
  slow.network.script = (kind, zone) => {
    if (kind === 'read' || zone === c) return 'deliver';
    return kind === 'prepare' && zone === a ? 'delay' : 'lose-request';
  };
  const slowAppend = scene.append(slow, 'slow').then(
    () => true,
    () => false,
  );
  await scene.ended(scene.time.sleep(50));
  scene.region.host(c).wipe();
  await scene.rebuild(scene.process());
  // Only now A answers, and its promise and C's make a quorum of no one epoch.
  slow.network.script = (kind) => (kind === 'accept' ? 'delay' : 'deliver');
  await slow.network.release();
  await scene.ended(scene.time.sleep(1));
  // B and the rebuilt C know nothing of that ballot.
  const quick = scene.process();
  quick.network.script = (_kind, zone) => (zone === a ? 'lose-request' : 'deliver');
  await scene.ended(scene.append(quick, 'quick'));
  slow.network.script = () => 'deliver';
  await slow.network.release();
  const isAcknowledged = await scene.ended(slowAppend);
  const seen: (readonly string[])[] = [];
  for (const zone of [a, b, c]) {
    const reader = scene.process();
    reader.network.script = (_kind, to) => (to === zone ? 'lose-request' : 'deliver');
    seen.push(await scene.read(reader));
  }
  return { acknowledged: ['first', 'quick', ...(isAcknowledged ? ['slow'] : [])], seen };
}
