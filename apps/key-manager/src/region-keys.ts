// The two keys of the region that a key-manager holds in the clear: integrity of registers, and ids. Asked for at start,
// until one crypto-worker answers; without them this process can neither read nor write (docs/decisions/0002).
import { createSecretKey, type KeyObject } from 'node:crypto';
import { Deadline, fromBase64, KmsError, type Clock } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import type { CryptoClient } from './crypto-client.ts';

export interface RegionKeys {
  /** 32 bytes, for RegisterStore. */
  readonly integrityKey: Uint8Array;
  /** HMAC key that derives key ids. */
  readonly idKey: KeyObject;
}

export interface RegionKeysOptions {
  readonly crypto: CryptoClient;
  readonly clusterId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

const keyBytes = 32;
const attemptTimeoutMs = 2_000;
/** All services of a region start together, and workers spend a second on scrypt. */
const pauseMs = 100;
/** One line in this time while waiting: enough to see why nothing goes on. */
const reportEveryMs = 10_000;

/** Resolves with the keys, or with undefined once `signal` is aborted. Retries for ever; a worker of another cluster is a failure too. */
export async function awaitRegionKeys(options: RegionKeysOptions): Promise<RegionKeys | undefined> {
  const { clock, log, signal } = options;
  let reportedAtMs = -Infinity;
  while (!signal.aborted) {
    try {
      return await askOnce(options);
    } catch (error) {
      if (clock.monotonicMs() - reportedAtMs >= reportEveryMs) {
        log.warn('region-keys.waiting', { error });
        reportedAtMs = clock.monotonicMs();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return undefined;
}

async function askOnce({ crypto, clusterId, clock }: RegionKeysOptions): Promise<RegionKeys> {
  const deadline = Deadline.after(clock, attemptTimeoutMs);
  const reply = await crypto.regionKeys({ deadline, correlationId: '' });
  const integrityKey = fromBase64(reply.integrityKey);
  const idKey = fromBase64(reply.idKey);
  if (reply.clusterId !== clusterId) {
    throw new KmsError('IDENTITY_REFUSED', 'the crypto-worker has the root of another cluster');
  }
  if (integrityKey?.byteLength !== keyBytes || idKey?.byteLength !== keyBytes) {
    throw new KmsError('PROTOCOL', 'the crypto-worker sent region keys of a wrong length');
  }
  return { integrityKey, idKey: createSecretKey(idKey) };
}
