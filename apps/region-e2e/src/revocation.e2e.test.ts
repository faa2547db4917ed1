// What is disabled or revoked in one zone is refused in all of them, at once, live tokens included.
import { afterAll, describe, expect, it } from 'vitest';
import { startLoad } from './load.ts';
import { attachRegion } from './region.ts';
import { describeRefusal, refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const zones = ['us-south-1', 'us-south-2', 'us-south-3'];
const perZone = zones.map(
  (zone) =>
    new SdkClient({ ...region.sdkOptions('MANAGER'), url: region.zoneUrl(zone), connections: 16 }),
);
const background = new SdkClient({ ...region.sdkOptions('MANAGER'), connections: 4 });

afterAll(() => [...perZone, background].forEach((client) => client.close()));

/** Runs `work` over `items`, `width` at a time. */
async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

describe('disabling', () => {
  it('1,000 fresh keys, each disabled once through one zone under load: every other zone refuses every time', async () => {
    const load = startLoad(background, 4);
    const keys = Array.from({ length: 1_000 }, (_, index) => index);
    let served = 0;
    const surprises: string[] = [];
    try {
      await inParallel(keys, 16, async (index) => {
        const home = perZone[index % 3];
        const others = perZone.filter((client) => client !== home);
        if (home === undefined) return;
        const key = await home.createKey({ name: `disabled ${index}`, extractable: false });
        const { ciphertext } = await home.wrap(key.id);
        await home.disable(key.id);
        await Promise.all(
          others.map(async (client) => {
            try {
              await client.unwrap(key.id, { ciphertext });
              served += 1;
            } catch (error) {
              const { status, code } = describeRefusal(error);
              if (status !== 409 || code !== 'KEY_ACTION_INVALID_STATE_ERR')
                surprises.push(`${status} ${code}`);
            }
          }),
        );
      });
    } finally {
      await load.stop();
    }
    const { requests, failures } = load.take();
    console.log(
      `1,000 keys disabled: unwrapped elsewhere ${served} of 2,000 times; background ${requests} requests, ${failures.length} failed`,
    );
    expect(served).toBe(0);
    expect(surprises).toEqual([]);
    expect(failures).toEqual([]);
  });
});

describe('revoking an API key', () => {
  it('its live token fails on its next operation in every zone', async () => {
    const created = JSON.parse(
      await region.zonehold(
        'apikey',
        'create',
        '--role',
        'Manager',
        '--instance',
        region.instanceId,
        '--json',
      ),
    ) as { apiKey: string; credentialId: string };
    const revoked = zones.map(
      (zone) =>
        new SdkClient({
          ...region.sdkOptions('MANAGER'),
          apiKey: created.apiKey,
          url: region.zoneUrl(zone),
        }),
    );
    const key = await perZone[0]!.createKey({ name: 'survives its creator', extractable: false });
    for (const client of revoked) await client.wrap(key.id);
    await region.zonehold('apikey', 'revoke', created.credentialId);
    for (const client of revoked) {
      expect(await refusalOf(client.wrap(key.id))).toMatchObject({ status: 401, code: undefined });
    }
    const fresh = new SdkClient({ ...region.sdkOptions('MANAGER'), apiKey: created.apiKey });
    expect((await refusalOf(fresh.wrap(key.id))).status).toBe(400);
    [...revoked, fresh].forEach((client) => client.close());
  });
});
