// Seeded runs of a small region: three key-managers tick while clocks jump, zones come and go, processes are started anew and
// people rotate, disable and delete by hand. After each run every key must be as one scribe with a calendar would have it.
import { describe, expect, it } from 'vitest';
import { rotationDueAtMs, rotationMonthMs, type Key } from '@zonehold/key-domain';
import { Deadline, isKmsError, SeededRandom, type Random } from '@zonehold/primitives';
import { livingKey } from '../key-repository.ts';
import { makeKey, requestOf, send, startRegion, type TestRegion } from '../testing/key-managers.ts';
import { openScheduler, type TestScheduler } from '../testing/schedules.ts';
import { lookIntervalMs, takeOverAfterMs } from './watched-instance.ts';

const dayMs = 86_400_000;
const keyCount = 5;
const steps = 60;

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random.unit() * items.length)]!;

class Run {
  readonly test: TestRegion;
  readonly random: Random;
  readonly keyIds: string[] = [];
  readonly #zones: readonly string[];
  readonly #schedulers: TestScheduler[];

  constructor(test: TestRegion, random: Random) {
    this.test = test;
    this.random = random;
    this.#zones = test.memory.hosts.map(({ zone }) => zone);
    this.#schedulers = this.#zones.map((zone) => this.#open(zone));
  }

  #open(zone: string): TestScheduler {
    return openScheduler({ ...this.test, zone, random: this.random });
  }

  async make(): Promise<void> {
    const policies = {
      rotation: { isEnabled: true, intervalMonths: pick(this.random, [1, 2, 3]) },
    };
    const keyRef = await makeKey(this.test);
    await this.#ask(keyRef, 'putPolicy', { body: policies, query: {} });
    this.keyIds.push(keyRef);
  }

  async #ask(keyRef: string, operation: Parameters<typeof requestOf>[1], members = {}) {
    const manager = pick(this.random, [this.test.here, this.test.elsewhere]);
    await send(manager, requestOf(this.test, operation, { keyRef, ...members }));
  }

  /** All that are up tick at once; those that cannot, for want of zones, do so the next time. */
  async tick(): Promise<void> {
    await Promise.all(
      this.#schedulers.map(async ({ controller }) => {
        await controller.tick().catch((error: unknown) => {
          if (!isKmsError(error)) throw error;
        });
      }),
    );
  }

  async step(): Promise<void> {
    const { test, random } = this;
    const zone = Math.floor(random.unit() * this.#zones.length);
    const host = test.memory.hosts[zone]!;
    const actions: readonly (() => void | Promise<void>)[] = [
      () => test.clock.advance(random.unit() * 20 * dayMs),
      () => test.clock.advance(random.unit() * 3 * takeOverAfterMs),
      () => {
        for (const other of test.memory.hosts) other.isUp = true;
        host.isUp = random.unit() < 0.3;
      },
      () => {
        this.#schedulers[zone] = this.#open(this.#zones[zone]!);
      },
      () => this.#ask(pick(random, this.keyIds), 'rotateKey'),
      () => this.#ask(pick(random, this.keyIds), pick(random, ['disableKey', 'enableKey'])),
      () => this.tick(),
    ];
    // Ticks race with what happens to the region meanwhile.
    await Promise.all([this.tick(), pick(random, actions)()]);
  }

  async settle(): Promise<void> {
    for (const host of this.test.memory.hosts) host.isUp = true;
    const rounds = (3 * takeOverAfterMs + 2 * lookIntervalMs) / 10_000;
    for (let round = 0; round < rounds; round += 1) {
      await this.tick();
      this.test.clock.advance(10_000);
    }
  }

  async keys(): Promise<readonly Key[]> {
    const { operations } = this.test.here;
    const deadline = Deadline.after(this.test.clock, 5_000);
    const records = await operations.keys.read(this.test.instanceId, this.keyIds, deadline);
    return records.map((record) => livingKey(record)!);
  }
}

/** Every rotation was by hand, or in its time: a whole interval after the version before it, and never two for one date. */
function expectRotatedInTime(key: Key): void {
  const byDate = key.operations.filter(({ operationId }) => operationId.startsWith('due/rotate/'));
  expect(new Set(byDate.map(({ operationId }) => operationId)).size).toBe(byDate.length);
  const months = key.policies?.rotation?.intervalMonths ?? 0;
  const dates = key.versions.map(({ createdAtMs }) => createdAtMs);
  for (const { atMs } of byDate) {
    const at = dates.indexOf(atMs);
    expect(dates[at]! - dates[at + 1]!).toBeGreaterThanOrEqual(months * rotationMonthMs);
  }
}

describe('work by date in a region where anything happens', () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed + 1))(
    'has rotated every key that it could, once for each date (seed %i)',
    async (seed) => {
      const run = new Run(await startRegion(), new SeededRandom(seed));
      for (let made = 0; made < keyCount; made += 1) await run.make();
      for (let step = 0; step < steps; step += 1) {
        await run.step();
        for (const key of await run.keys()) expectRotatedInTime(key);
      }
      await run.settle();
      const nowMs = run.test.clock.wallMs();
      for (const key of await run.keys()) {
        expectRotatedInTime(key);
        if (key.state === 1) expect(rotationDueAtMs(key)).toBeGreaterThan(nowMs - 60_000);
      }
    },
  );
});
