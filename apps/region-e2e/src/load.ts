// A steady load of wrap, unwrap and create from the official SDK, that remembers every acknowledged key and every failure.
import { randomBytes } from 'node:crypto';
import { describeRefusal, type SdkClient } from './sdk.ts';

export interface LoadFailure {
  readonly operation: 'create' | 'wrap' | 'unwrap';
  readonly status: number | undefined;
  readonly message: string;
  /** Did the same call succeed when it was made once more, at once? */
  readonly succeededOnReconnect: boolean;
}

/** A key whose creation was acknowledged, with a ciphertext made under it. */
export interface AcknowledgedKey {
  readonly id: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

export interface LoadReport {
  readonly requests: number;
  readonly failures: readonly LoadFailure[];
  readonly slowestMs: number;
}

/** Load that runs until it is stopped. */
export interface Load {
  /** Figures since the last call of `take`. */
  take(): LoadReport;
  readonly keys: readonly AcknowledgedKey[];
  stop(): Promise<void>;
}

/** One create in this many turns of a worker: creates are rare in a KMS, and their keys stay for ever. */
const turnsPerCreate = 12;

/** Starts `workers` loops; each creates a key now and then, and wraps and unwraps under the keys it has. */
export function startLoad(client: SdkClient, workers: number): Load {
  const keys: AcknowledgedKey[] = [];
  const reconnecting = client.reconnecting();
  let requests = 0;
  let failures: LoadFailure[] = [];
  let slowestMs = 0;
  let isStopping = false;

  async function attempt<Result>(
    operation: LoadFailure['operation'],
    call: (by: SdkClient) => Promise<Result>,
  ): Promise<Result | undefined> {
    requests += 1;
    const startedMs = performance.now();
    try {
      return await call(client);
    } catch (error) {
      const { status, message } = describeRefusal(error);
      // One reconnect means a new connection: a pool may hand on one to the same gateway that has not been seen to break yet.
      const again = await call(reconnecting).then(
        (result) => ({ result }),
        () => undefined,
      );
      failures.push({ operation, status, message, succeededOnReconnect: again !== undefined });
      return again?.result;
    } finally {
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    }
  }

  async function createOne(): Promise<void> {
    const plaintext = randomBytes(32).toString('base64');
    const key = await attempt('create', (by) =>
      by.createKey({ name: 'under load', extractable: false }),
    );
    if (key === undefined) return;
    const wrapped = await attempt('wrap', (by) => by.wrap(key.id, { plaintext }));
    if (wrapped !== undefined) keys.push({ id: key.id, plaintext, ciphertext: wrapped.ciphertext });
  }

  async function useOne(key: AcknowledgedKey): Promise<void> {
    await attempt('wrap', (by) => by.wrap(key.id));
    await attempt('unwrap', async (by) => {
      const { plaintext } = await by.unwrap(key.id, { ciphertext: key.ciphertext });
      if (plaintext !== key.plaintext) throw new Error(`key ${key.id} unwrapped to something else`);
    });
  }

  async function work(): Promise<void> {
    for (let turn = 0; !isStopping; turn += 1) {
      const key = keys[Math.floor(Math.random() * keys.length)];
      if (key === undefined || turn % turnsPerCreate === 0) await createOne();
      else await useOne(key);
    }
  }

  const running = Array.from({ length: workers }, work);
  return {
    keys,
    take() {
      const report = { requests, failures, slowestMs };
      requests = 0;
      failures = [];
      slowestMs = 0;
      return report;
    },
    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
}

/** Unwraps one ciphertext of every acknowledged key and returns the ids that are lost. */
export async function lostKeys(
  client: SdkClient,
  keys: readonly AcknowledgedKey[],
): Promise<string[]> {
  const lost: string[] = [];
  const queue = [...keys];
  const worker = async (): Promise<void> => {
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const unwrapped = await client
        .unwrap(key.id, { ciphertext: key.ciphertext })
        .catch(() => undefined);
      if (unwrapped?.plaintext !== key.plaintext) lost.push(key.id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return lost;
}
