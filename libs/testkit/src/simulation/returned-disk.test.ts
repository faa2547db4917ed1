// A disk that returns with rows of an earlier life: they are outvoted before it votes, whatever their ballots.
import { encodeEnvelope, formatBallot, rowKey, type RegisterId } from '@zonehold/caspaxos';
import { Deadline } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { Scene, type SceneProcess } from './scene.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const id: RegisterId = { scope: 'instance-1', name: 'key/two' };
const other: RegisterId = { ...id, name: 'key/three' };
const high = formatBallot(50n, 'f'.repeat(16));

async function read(scene: Scene, { store }: SceneProcess, register: RegisterId) {
  const [state] = await scene.ended(store.read([register], Deadline.after(scene.time, 2_000)));
  return state?.value;
}

async function untilWhole(scene: Scene, { store, controller }: SceneProcess, epoch: number) {
  for (let look = 0; look < 40; look += 1) {
    await scene.ended(controller.look());
    const { members } = store.configuration();
    if (members.epoch >= epoch && members.voters.length === 3) return;
    await scene.ended(scene.time.sleep(1_000));
  }
  throw new Error('the region does not get whole');
}

describe('a disk that comes back with a half-made write of its earlier life', () => {
  it.each([
    ['to a register that nobody else has', false],
    ['to a register that was written since, at a lower ballot', true],
  ])('%s never shows it again', async (_name, isWrittenSince) => {
    const scene = new Scene();
    const process = scene.process();
    const { region, time } = scene;
    // Accepted by C alone: nobody was ever told what became of it.
    const host = region.host(c);
    const payload = encodeEnvelope({ value: 'half-made', summary: null });
    const mac = region.authenticator.sign(id, high, payload);
    const accepted = { ballot: high, payload, mac };
    host.state.registers.set(rowKey(id), { id, promise: high, accepted });
    const old = host.diskImage();
    host.wipe();
    await read(scene, process, other);
    await untilWhole(scene, process, 4);
    if (isWrittenSince) {
      const put = () => ({ kind: 'write', value: 'since', summary: null, result: 0 }) as const;
      await scene.ended(process.store.change(id, put, Deadline.after(time, 2_000)));
    }
    host.rollBackTo(old);
    await read(scene, process, other);
    await untilWhole(scene, process, 7);
    // Any two zones say the same, also those with the one that came back.
    for (const zone of [a, b]) {
      region.host(zone).crash();
      expect(await read(scene, scene.process(), id)).toBe(isWrittenSince ? 'since' : null);
      region.host(zone).restart();
    }
  });
});
