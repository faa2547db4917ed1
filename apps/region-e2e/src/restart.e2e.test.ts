// The whole region dies at once and comes back from its disks, without a human.
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { killEverything } from './kill-everything.ts';
import { redisDirOf } from './offline-redis.ts';
import { attachRegion } from './region.ts';
import { SdkClient } from './sdk.ts';

const region = attachRegion();
let client = new SdkClient(region.sdkOptions('MANAGER'));

afterAll(() => client.close());

/** What kill -9 in the middle of a write can leave: a command that nobody was answered for. */
function tearLog(zone: string): void {
  const folder = join(redisDirOf(region.regionDir, zone), 'appendonlydir');
  const log = readdirSync(folder).find((name) => name.endsWith('.incr.aof')) ?? '';
  appendFileSync(join(folder, log), '*4\r\n$4\r\nHSET\r\n$12\r\nzonehold:c');
}

describe('the region', () => {
  it('keeps every key through kill -9 of everything, one torn log, and a restart', async () => {
    const made = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const key = await client.createKey({
          name: `before the crash ${index}`,
          extractable: false,
        });
        return { id: key.id, ...(await client.wrap(key.id)) };
      }),
    );
    await killEverything(region);
    tearLog('us-south-2');
    const started = await region.files.launch('--faults');
    expect({ code: started.code, stderr: started.stderr }).toMatchObject({ code: 0 });
    client.close();
    client = new SdkClient(region.sdkOptions('MANAGER'));
    await region.isWhole();
    for (const { id, ciphertext, plaintext } of made) {
      expect((await client.unwrap(id, { ciphertext })).plaintext).toBe(plaintext);
    }
  });
});
