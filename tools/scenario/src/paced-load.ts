// A load that does not wait for answers, as many clients send it: so many requests a second, whatever becomes of them. Each is written down.
import { setTimeout } from 'node:timers/promises';
import { toBase64, type Clock, type Random } from '@zonehold/primitives';
import { failureOf, type KeyClient, type LoadKey } from './key-client.ts';
import type { Acknowledged, Operation, Sample } from './observations.ts';

/** Timers are no finer; what is due together is sent together. */
const tickMs = 10;
/** A region that hangs must not fill the memory of this process. */
const inFlightMax = 1_000;
/** Keys made beforehand, so that not all requests meet in one register. */
const keyCount = 5;
const createsPerSecond = 1;
const plaintextBytes = 32;
/** What is wrapped, unwrapped, read: the mix of a region whose clients mostly open data keys. */
const mix = ['unwrap', 'wrap', 'unwrap', 'wrap', 'read'] as const satisfies readonly Operation[];
/** At the end, when nobody measures any more. */
const parallelMax = 8;
/** A key is lost when it opens at none of them. */
const checks = 4;
const betweenChecksMs = 500;

export interface PacedLoadOptions {
  readonly client: KeyClient;
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  readonly random: Random;
}

export class PacedLoad {
  readonly #options: PacedLoadOptions;
  /** Those that the load uses. */
  readonly #keys: LoadKey[] = [];
  /** Every key whose creation was acknowledged, by its id; undefined: it has no ciphertext yet, or its first wrap failed. */
  readonly #acknowledged = new Map<string, LoadKey | undefined>();
  /** `beganMs` of the monotonic clock. */
  readonly #samples: Sample[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #times = 1;
  #notSent = 0;
  #failed = 0;
  #isStopping = false;
  #running: Promise<void> | undefined;

  constructor(options: PacedLoadOptions) {
    this.#options = options;
  }

  /** Every request that ended, its time counted from `originMs` of the monotonic clock. */
  samples(originMs: number): Sample[] {
    return this.#samples.map((sample) => ({ ...sample, beganMs: sample.beganMs - originMs }));
  }

  counts(): { readonly requests: number; readonly failed: number } {
    return { requests: this.#samples.length, failed: this.#failed };
  }

  get notSent(): number {
    return this.#notSent;
  }

  /** Makes the keys that the load uses, and starts it. */
  async start(): Promise<void> {
    for (let made = 0; made < keyCount; made += 1)
      this.#keys.push(await this.#make('scenario load'));
    this.#running = this.#run();
  }

  /** From now on so many times the rate. */
  multiply(times: number): void {
    this.#times = times;
  }

  /** Ends the load; resolves with the last answer. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }

  /** Opens one ciphertext of every acknowledged key; reads one that has none. After `stop`. */
  async check(): Promise<Acknowledged> {
    const { client } = this.#options;
    const all = [...this.#acknowledged];
    let missing = all;
    for (let check = 1; missing.length > 0 && check <= checks; check += 1) {
      if (check > 1) await setTimeout(betweenChecksMs);
      const asked = missing;
      missing = [];
      await inParallel(asked, async (entry) => {
        const [keyId, key] = entry;
        const answer = key === undefined ? client.read(keyId) : client.unwrap(key);
        await answer.catch(() => void missing.push(entry));
      });
    }
    return { keys: all.length, lost: missing.length };
  }

  /** Deletes what was made: a drill leaves no keys behind. One that cannot be deleted now stays. */
  async tidy(): Promise<void> {
    await inParallel([...this.#acknowledged.keys()], (keyId) =>
      this.#options.client.remove(keyId).catch(() => undefined),
    );
  }

  async #run(): Promise<void> {
    const { clock, requestsPerSecond } = this.#options;
    let lastMs = clock.monotonicMs();
    let due = 0;
    let dueCreates = 0;
    while (!this.#isStopping) {
      await setTimeout(tickMs);
      const nowMs = clock.monotonicMs();
      const passedS = (nowMs - lastMs) / 1_000;
      lastMs = nowMs;
      due += passedS * requestsPerSecond * this.#times;
      dueCreates += passedS * createsPerSecond;
      for (; due >= 1; due -= 1) this.#send(this.#next());
      for (; dueCreates >= 1; dueCreates -= 1) this.#send('create');
    }
  }

  #next(): Operation {
    return mix[Math.floor(this.#options.random.unit() * mix.length)] ?? 'wrap';
  }

  #send(operation: Operation): void {
    if (this.#underWay.size >= inFlightMax) {
      this.#notSent += 1;
      return;
    }
    const request = this.#one(operation);
    this.#underWay.add(request);
    void request.finally(() => this.#underWay.delete(request));
  }

  async #one(operation: Operation): Promise<void> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const failure = await this.#perform(operation).then(() => undefined, failureOf);
    if (failure !== undefined) this.#failed += 1;
    this.#samples.push({
      operation,
      beganMs: startedMs,
      latencyMs: clock.monotonicMs() - startedMs,
      ...(failure === undefined ? {} : { failure }),
    });
  }

  async #perform(operation: Operation): Promise<void> {
    const { client, random } = this.#options;
    const key = this.#keys[Math.floor(random.unit() * this.#keys.length)];
    if (key === undefined) throw new Error('there is a key to use');
    switch (operation) {
      case 'wrap':
        await client.wrap(key.keyId, this.#plaintext());
        return;
      case 'unwrap':
        return client.unwrap(key);
      case 'read':
        return client.read(key.keyId);
      case 'create':
        await this.#make('scenario drill');
    }
  }

  /** A new key with a ciphertext. What is acknowledged is known before anything else can fail. */
  async #make(name: string): Promise<LoadKey> {
    const { client } = this.#options;
    const keyId = await client.create(name);
    this.#acknowledged.set(keyId, undefined);
    const plaintext = this.#plaintext();
    const key = { keyId, plaintext, ciphertext: await client.wrap(keyId, plaintext) };
    this.#acknowledged.set(keyId, key);
    return key;
  }

  #plaintext(): string {
    return toBase64(this.#options.random.bytes(plaintextBytes));
  }
}

async function inParallel<Item>(
  items: readonly Item[],
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const work = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await task(item);
  };
  await Promise.all(Array.from({ length: parallelMax }, work));
}
