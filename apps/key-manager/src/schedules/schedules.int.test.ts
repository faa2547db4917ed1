// Work by date on real Redis in three zones, while one of them is killed, frozen, cut off or wiped: each month that the clock is set
// ahead, every key rotates once. Everything is real but that clock and the cipher.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { livingKey } from '../key-repository.ts';
import { Deadline, isKmsError, systemClock, type Clock } from '@zonehold/primitives';
import { until } from '@zonehold/testkit';
import { requestOf, send, succeeded, type Credential } from '../testing/key-managers.ts';
import { hastyClock, startRedisRegion, type RedisRegion } from '../testing/redis-region.ts';
import { schedulerOver, type TestScheduler } from '../testing/schedules.ts';
import { zoneFaults } from '../testing/zone-faults.ts';

const monthMs = 30 * 86_400_000;
const keyCount = 40;
const faultNames = [
  'kill -9 and a restart',
  'a freeze',
  'a link that is deaf in one direction',
  'a disk that is wiped',
];

let region: RedisRegion;
let subject: { readonly instanceId: string; readonly manager: Credential };
let keyIds: readonly string[];
let schedulers: readonly TestScheduler[];
let aheadMs = 0;
let isOver = false;
let working: Promise<unknown>;
let months = 0;

const clock: Clock = {
  wallMs: () => hastyClock.wallMs() + aheadMs,
  monotonicMs: () => systemClock.monotonicMs(),
};

beforeAll(async () => {
  region = await startRedisRegion();
  await region.whole();
  subject = await region.instance('work by date');
  keyIds = await Promise.all(Array.from({ length: keyCount }, monthlyKey));
  const zones = region.zones.zones.map(({ zone }) => zone);
  schedulers = region.stores.map((store, at) =>
    schedulerOver({
      ...{ store, lists: store, clock, crypto: region.crypto, zones },
      zone: zones[at] ?? '',
    }),
  );
  working = Promise.all(schedulers.map(tickOn));
}, 120_000);

afterAll(async () => {
  isOver = true;
  await working;
  await region.stop();
});

async function monthlyKey(): Promise<string> {
  const manager = region.managers[0]!;
  const create = requestOf(subject, 'createKey', { body: { name: 'a key', isExtractable: false } });
  const keyRef = succeeded(await send(manager, create)).body.resources[0].id;
  const body = { rotation: { isEnabled: true, intervalMonths: 1 } };
  succeeded(await send(manager, requestOf(subject, 'putPolicy', { keyRef, body, query: {} })));
  return keyRef;
}

/** As run-schedules does, with shorter pauses. */
async function tickOn({ controller }: TestScheduler): Promise<void> {
  while (!isOver) {
    await controller.tick().catch((error: unknown) => {
      if (!isKmsError(error)) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many versions each key has. */
async function versions(): Promise<readonly number[]> {
  const { keys } = region.managers[0]!.operations;
  const deadline = Deadline.after(systemClock, 5_000);
  const records = await keys.read(subject.instanceId, keyIds, deadline);
  return records.map((record) => livingKey(record)?.versions.length ?? 0);
}

const pause = async (forMs: number): Promise<void> => {
  const untilMs = systemClock.monotonicMs() + forMs;
  await until('the pause is over', () => systemClock.monotonicMs() >= untilMs);
};

describe('every key rotates once a month, under', () => {
  it.each(zoneFaults.filter(({ name }) => faultNames.includes(name)))(
    '$name',
    async ({ strike }) => {
      const moreOperations = () => Promise.resolve();
      for (const zone of [0, 1, 2]) {
        const striking = strike({ region, zone, pause, moreOperations });
        aheadMs += monthMs;
        months += 1;
        await striking;
        await region.whole();
        const expected = keyIds.map(() => 1 + months);
        await until(
          'all keys have rotated',
          async () => {
            const found = await versions();
            expect(Math.max(...found)).toBeLessThanOrEqual(1 + months);
            return found.every((count) => count === 1 + months);
          },
          60_000,
        );
        expect(await versions()).toEqual(expected);
      }
      expect(region.alarms).toEqual([]);
    },
    180_000,
  );
});
