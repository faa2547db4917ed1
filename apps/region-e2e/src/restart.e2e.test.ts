// The whole region dies at once and comes back from its disks, without a human.
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion } from './region.ts';
import { SdkClient } from './sdk.ts';

const region = attachRegion();
let client = new SdkClient(region.sdkOptions('MANAGER'));

afterAll(() => client.close());

/** kill -9 of the launcher and of every process of every zone, and the certainty that none is left. */
async function killEverything(): Promise<void> {
  const pids = region.files.processes().flatMap(({ pid }) => (pid === null ? [] : [pid]));
  expect(pids).toHaveLength(15);
  for (const pid of [region.files.supervisorPid() ?? 0, ...pids]) process.kill(pid, 'SIGKILL');
  await eventually('every process is gone', 10_000, async () =>
    pids.every((pid) => !existsSync(`/proc/${pid}`)),
  );
}

describe('the region', () => {
  it('keeps every key through kill -9 of everything and a restart', async () => {
    const made = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const key = await client.createKey({
          name: `before the crash ${index}`,
          extractable: false,
        });
        return { id: key.id, ...(await client.wrap(key.id)) };
      }),
    );
    await killEverything();
    const started = await region.files.launch();
    expect({ code: started.code, stderr: started.stderr }).toMatchObject({ code: 0 });
    client.close();
    client = new SdkClient(region.sdkOptions('MANAGER'));
    for (const { id, ciphertext, plaintext } of made) {
      expect((await client.unwrap(id, { ciphertext })).plaintext).toBe(plaintext);
    }
  });
});
