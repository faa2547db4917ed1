// A key whose creation was acknowledged is answered for, whatever became of the requests after it.
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { RequestFailed, type KeyClient } from './key-client.ts';
import { PacedLoad } from './paced-load.ts';

describe('a key that was acknowledged and whose first wrap failed', () => {
  const refuse = (): Promise<never> => Promise.reject(new RequestFailed('503'));

  async function loadWith(read: () => Promise<void>) {
    const removed: string[] = [];
    const client: Partial<KeyClient> = {
      create: () => Promise.resolve('k1'),
      wrap: refuse,
      unwrap: refuse,
      read,
      remove: (keyId) => Promise.resolve(void removed.push(keyId)),
    };
    const load = new PacedLoad({
      ...{ client: client as KeyClient, requestsPerSecond: 1 },
      ...{ clock: new ManualClock(), random: new SeededRandom(1) },
    });
    await expect(load.start()).rejects.toThrow('503');
    return { load, removed };
  }

  it('is there when it can be read, and deleted at the end', async () => {
    const { load, removed } = await loadWith(() => Promise.resolve());
    expect(await load.check()).toEqual({ keys: 1, lost: 0 });
    await load.tidy();
    expect(removed).toEqual(['k1']);
  });

  it('is lost when it cannot be read', async () => {
    const { load } = await loadWith(refuse);
    expect(await load.check()).toEqual({ keys: 1, lost: 1 });
  });
});
