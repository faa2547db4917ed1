// Measures lists of a large instance: `node apps/key-manager/src/testing/listing-bench.ts [keys]` (100,000). Three real
// Redis on this machine, the real operations and store in this process, an honest cipher in place of crypto-workers. The
// unwraps it times run in the same process as the lists, so that a held event loop shows in them.
import { loadavg } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRegisterStore } from '@zonehold/caspaxos-redis';
import type { Key } from '@zonehold/key-domain';
import { Deadline, isKmsError, systemClock } from '@zonehold/primitives';
import { RedisZones } from '@zonehold/testkit';
import { randomUuid } from '../key-id.ts';
import { livingKey } from '../key-repository.ts';
import { HonestCrypto } from './honest-crypto.ts';
import {
  admin,
  managerOver,
  requestOf,
  send,
  succeeded,
  type Credential,
  type TestManager,
} from './key-managers.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const nowMs = (): number => systemClock.monotonicMs();
const pageKeys = 200;
const unwrapsPerSecond = 200;
const phaseMs = 10_000;
const makersMax = 150;

interface Caller {
  readonly instanceId: string;
  readonly manager: Credential;
}

/** One key of the instance and something it wrapped. */
interface Wrapped {
  readonly keyRef: string;
  readonly ciphertext: string;
}

class Bench {
  readonly #zones: RedisZones;
  readonly #keyCount: number;
  readonly #crypto = new HonestCrypto();
  readonly #rows: string[] = [];
  #caller: Caller = undefined as never;
  #wrapped: readonly Wrapped[] = [];

  constructor(zones: RedisZones, keyCount: number) {
    this.#zones = zones;
    this.#keyCount = keyCount;
  }

  #open(): TestManager {
    return managerOver({
      store: createRegisterStore(this.#zones.storeOptions()),
      // Nothing here asks for a rebuild.
      rebuilds: undefined as never,
      clock: systemClock,
      crypto: this.#crypto,
    });
  }

  async run(): Promise<void> {
    const first = this.#open();
    await isReady(first);
    await this.#makeInstance(first);
    const emptyStart = await this.#start();
    await this.#populate(first);
    await first.operations.store.close();
    const fullStart = await this.#start();
    this.#row('start to first unwrap, empty instance', emptyStart.wallMs, emptyStart);
    this.#row(`start to first unwrap, ${this.#keyCount} keys`, fullStart.wallMs, fullStart);

    const manager = this.#open();
    await isReady(manager);
    await this.#measure(manager);
    await manager.operations.store.close();
    const [load = 0] = loadavg();
    say(`\n${this.#keyCount} keys in one instance, load average ${load.toFixed(1)}`);
    for (const row of this.#rows) say(row);
  }

  async #measure(manager: TestManager): Promise<void> {
    await this.#unwraps(manager, async () => pause(phaseMs / 3));
    const alone = await this.#unwraps(manager, async () => pause(phaseMs));
    const heapBefore = heapMiB();
    let coldMs = 0;
    const cold = await this.#unwraps(manager, async () => {
      coldMs = await timed(() => this.#page(manager, 1));
    });
    const heapAfter = heapMiB();
    this.#row('first list of the process, page 1', coldMs);
    const lastPage = Math.floor(this.#keyCount / pageKeys);
    const pageOne = await median(30, () => this.#page(manager, 1));
    const last = await median(30, () => this.#page(manager, lastPage));
    const times = (last.wallMs / pageOne.wallMs).toFixed(1);
    const total = await median(30, () => this.#page(manager, 1, true));
    const count = await median(30, () => this.#count(manager));
    const sorted = await median(5, () => this.#page(manager, lastPage, false, 'creationDate'));
    this.#row('page 1, by id', pageOne.wallMs, pageOne);
    this.#row(`page ${lastPage}, by id (${times} x page 1)`, last.wallMs, last);
    this.#row('totalCount with page 1', total.wallMs, total);
    this.#row('HEAD /keys', count.wallMs, count);
    this.#row(`page ${lastPage}, by creation date`, sorted.wallMs, sorted);
    let lists = 0;
    const during = await this.#unwraps(manager, async () => {
      for (const endsAtMs = nowMs() + phaseMs; nowMs() < endsAtMs; lists += 3) {
        await this.#page(manager, 1);
        await this.#page(manager, lastPage);
        await this.#page(manager, 1, true);
      }
    });
    this.#row('unwrap p50 alone', percentile(alone, 50));
    this.#row('unwrap p99 alone', percentile(alone, 99));
    this.#row('unwrap p99 during the first list', percentile(cold, 99));
    this.#row(`unwrap p50 during ${lists} lists in a row`, percentile(during, 50));
    this.#row(`unwrap p99 during ${lists} lists in a row`, percentile(during, 99));
    this.#rows.push(
      `${(heapAfter - heapBefore).toFixed(0).padStart(8)} MiB  the mirror of the list`,
    );
  }

  #row(what: string, valueMs: number, cost?: Cost): void {
    const cpu = cost === undefined ? '' : `; CPU ${cost.cpuMs.toFixed(1)} ms`;
    this.#rows.push(`${valueMs.toFixed(1).padStart(8)} ms   ${what}${cpu}`);
  }

  async #makeInstance(manager: TestManager): Promise<void> {
    const { instanceId } = await admin<'create-instance'>(manager, {
      kind: 'create-instance',
      name: 'large',
    });
    const credential = await admin<'create-api-key'>(manager, {
      kind: 'create-api-key',
      name: 'bench',
      grants: [{ instanceId, roles: ['Manager'] }],
    });
    this.#caller = { instanceId, manager: credential };
    const made: Wrapped[] = [];
    for (let count = 0; count < 50; count += 1) {
      const body = { name: `payments key ${count}`, isExtractable: false };
      const create = requestOf(this.#caller, 'createKey', { body });
      const keyRef = succeeded(await send(manager, create)).body.resources[0].id;
      const wrap = requestOf(this.#caller, 'wrapKey', { keyRef, body: { aad: [] } });
      const { ciphertext } = succeeded(await send(manager, wrap)).body;
      made.push({ keyRef, ciphertext });
    }
    this.#wrapped = made;
  }

  /** Registers as creating makes them, without the cipher: copies of one key under other ids. */
  async #populate(manager: TestManager): Promise<void> {
    const { keys, random } = manager.operations;
    const { instanceId } = this.#caller;
    const [model] = this.#wrapped;
    const deadline = Deadline.after(systemClock, 600_000);
    const [record] = await keys.read(instanceId, [model?.keyRef ?? ''], deadline);
    const key = livingKey(record);
    if (key === undefined) throw new Error('the first key is gone');
    let left = this.#keyCount - this.#wrapped.length;
    const startedAtMs = nowMs();
    const make = (copy: Key): Promise<undefined> =>
      keys.change(
        instanceId,
        copy.id,
        () => ({ kind: 'write', record: copy, result: undefined }),
        deadline,
      );
    const maker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        if (left > 0 && left % 20_000 === 0) say(`${left} keys to make`);
        const copy = copyOf(key, randomUuid(random), left);
        // A busy machine misses timeouts; the same write again is the same key.
        for (let isMade = false; !isMade;) isMade = await succeeds(make(copy));
      }
    };
    await Promise.all(Array.from({ length: makersMax }, maker));
    say(`made the keys in ${((nowMs() - startedAtMs) / 1_000).toFixed(0)} s`);
  }

  /** From nothing to the first answer, the median of five; a process's own start is the same with any list. */
  #start(): Promise<Cost> {
    return median(5, async () => {
      const manager = this.#open();
      await isReady(manager);
      await this.#unwrap(manager, 0);
      await manager.operations.store.close();
    });
  }

  async #page(manager: TestManager, number: number, isTotalWanted = false, sortBy?: string) {
    const sort = sortBy === undefined ? [] : [{ property: sortBy, isDescending: true }];
    const offset = (number - 1) * pageKeys;
    const query = { limit: pageKeys, offset, sort, isTotalWanted };
    const list = requestOf(this.#caller, 'getKeys', { query });
    const { metadata } = succeeded(await send(manager, list)).body;
    if (metadata.collectionTotal !== pageKeys) throw new Error('the page is not full');
    if (isTotalWanted && metadata.totalCount !== this.#keyCount) throw new Error('wrong total');
  }

  async #count(manager: TestManager): Promise<void> {
    const count = requestOf(this.#caller, 'getKeyCollectionMetadata', { query: {} });
    const { headers } = succeeded(await send(manager, count));
    if (headers['Key-Total'] !== String(this.#keyCount)) throw new Error('wrong total');
  }

  async #unwrap(manager: TestManager, number: number): Promise<void> {
    const wrapped = this.#wrapped[number % this.#wrapped.length];
    if (wrapped === undefined) throw new Error('nothing was wrapped');
    const { keyRef, ciphertext } = wrapped;
    const body = { ciphertext, aad: [] };
    succeeded(await send(manager, requestOf(this.#caller, 'unwrapKey', { keyRef, body })));
  }

  /** Unwraps at a steady rate while `work` runs: how long each took from the moment it was due. */
  async #unwraps(manager: TestManager, work: () => Promise<void>): Promise<readonly number[]> {
    const tookMs: number[] = [];
    const pending: Promise<unknown>[] = [];
    const startedAtMs = nowMs();
    const timer = setInterval(() => {
      for (; startedAtMs + (pending.length * 1_000) / unwrapsPerSecond <= nowMs();) {
        const dueAtMs = startedAtMs + (pending.length * 1_000) / unwrapsPerSecond;
        const done = this.#unwrap(manager, pending.length);
        pending.push(done.then(() => tookMs.push(nowMs() - dueAtMs)));
      }
    }, 1);
    await work();
    clearInterval(timer);
    await Promise.all(pending);
    return tookMs.toSorted((left, right) => left - right);
  }
}

function copyOf(key: Key, id: string, number: number): Key {
  const createdAtMs = key.createdAtMs + ((number * 7_919) % 1_000_003);
  return { ...key, id, name: `customer data key ${number}`, createdAtMs, updatedAtMs: createdAtMs };
}

async function isReady(manager: TestManager): Promise<void> {
  const { store } = manager.operations;
  while (store.zones().filter(({ standing }) => standing === 'voter').length < 3) await pause(1);
}

/** False when it failed as operations of a store may. */
async function succeeds(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (isKmsError(error)) return false;
    throw error;
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = nowMs();
  await work();
  return nowMs() - startedAtMs;
}

/** Wall time and this process's own CPU time: on a busy machine the second says more. */
interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function median(count: number, work: () => Promise<unknown>): Promise<Cost> {
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const before = process.cpuUsage();
    wallMs.push(await timed(work));
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system) / 1_000);
  }
  const middle = (values: number[]): number =>
    percentile(
      values.toSorted((left, right) => left - right),
      50,
    );
  return { wallMs: middle(wallMs), cpuMs: middle(cpuMs) };
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

function heapMiB(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const keyCount = Number(process.argv[2] ?? '100000');
const zones = await RedisZones.start();
try {
  await new Bench(zones, keyCount).run();
} finally {
  await zones.stop();
}
