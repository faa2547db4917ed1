// For tests only: a region whose key-managers of three zones do their work by date when a test says so, with what tests of it ask
// and do again and again.
import type { OperationReply, OperationRequest } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Key, KeyRecord } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import { livingKey } from '../key-repository.ts';
import type { CarriedOut, ScheduledKind } from '../schedules/carry-out.ts';
import { lookIntervalMs, takeOverAfterMs } from '../schedules/watched-instance.ts';
import {
  makeKey,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from './key-managers.ts';
import { openScheduler, zonesByRank, type TestScheduler } from './schedules.ts';

export class ScheduledRegion {
  /** Another instance and credential may take the place of the first. */
  test: TestRegion;
  /** In the order of their turn for the first instance. */
  readonly schedulers: readonly [TestScheduler, TestScheduler, TestScheduler];

  private constructor(test: TestRegion) {
    this.test = test;
    const [one = '', two = '', three = ''] = zonesByRank(test.memory, test.instanceId);
    this.schedulers = [this.open(one), this.open(two), this.open(three)];
  }

  static async start(): Promise<ScheduledRegion> {
    return new ScheduledRegion(await startRegion());
  }

  /** One more process of a zone. */
  open(
    zone: string,
    over: {
      readonly decorate?: (store: RegisterStore) => RegisterStore;
      readonly isClockRight?: () => boolean;
    } = {},
  ): TestScheduler {
    return openScheduler({ ...this.test, zone, ...over });
  }

  soon(): Deadline {
    return Deadline.after(this.test.clock, 5_000);
  }

  async recordOf(keyId: string): Promise<KeyRecord | undefined> {
    const { instanceId, here } = this.test;
    const [record] = await here.operations.keys.read(instanceId, [keyId], this.soon());
    return record;
  }

  /** Fails the test when the key is gone. */
  async keyOf(keyId: string): Promise<Key> {
    const key = livingKey(await this.recordOf(keyId));
    if (key === undefined) throw new Error('the key is gone');
    return key;
  }

  async versionsOf(keyId: string): Promise<number> {
    return (await this.keyOf(keyId)).versions.length;
  }

  on(
    keyRef: string,
    operation: OperationRequest['operation'],
    members: Partial<OperationRequest> = {},
  ): Promise<OperationReply> {
    return send(this.test.here, requestOf(this.test, operation, { keyRef, ...members }));
  }

  async setMonthly(keyId: string, isEnabled = true): Promise<void> {
    const body = { rotation: { isEnabled, intervalMonths: 1 } };
    succeeded(await this.on(keyId, 'putPolicy', { body, query: {} }));
  }

  async monthlyKey(): Promise<string> {
    const keyId = await makeKey(this.test);
    await this.setMonthly(keyId);
    return keyId;
  }

  async tickAll(): Promise<void> {
    await Promise.all(this.schedulers.map(({ controller }) => controller.tick()));
  }

  /** Ticks for long enough that each zone has had its turn, ten seconds after ten seconds. */
  async settle(ones: readonly TestScheduler[] = this.schedulers): Promise<void> {
    const steps = (3 * takeOverAfterMs + 2 * lookIntervalMs) / 10_000;
    for (let step = 0; step < steps; step += 1) {
      await Promise.all(ones.map(({ controller }) => controller.tick()));
      this.test.clock.advance(10_000);
    }
  }

  /** How often that happened in all zones together. */
  async total(kind: ScheduledKind, outcome: CarriedOut): Promise<number> {
    const counts = await Promise.all(this.schedulers.map((one) => one.counted(kind, outcome)));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
