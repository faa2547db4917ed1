import { describe, expect, it } from 'vitest';
import { KmsError, systemClock as clock } from '@zonehold/primitives';
import { createLog } from '@zonehold/telemetry';
import { awaitRegionKeys } from './region-keys.ts';
import { HonestCrypto } from './testing/honest-crypto.ts';

const log = createLog({ service: 'key-manager', zone: 'test', region: 'r', level: 'silent' });

function ask(crypto: HonestCrypto, clusterId: string, signal = new AbortController().signal) {
  return awaitRegionKeys({ crypto, clusterId, clock, log, signal });
}

describe('the region’s keys', () => {
  it('are asked for until one crypto-worker answers', async () => {
    const crypto = new HonestCrypto();
    crypto.failures.set('regionKeys', new KmsError('UNAVAILABLE', 'nobody is there'));
    const keys = ask(crypto, 'c1');
    await expect.poll(() => crypto.countOf('regionKeys')).toBeGreaterThan(1);
    crypto.failures.clear();
    expect((await keys)?.integrityKey).toHaveLength(32);
  });

  it('are not taken from a worker of another cluster', async () => {
    const crypto = new HonestCrypto();
    const stopping = new AbortController();
    const keys = ask(crypto, 'c2', stopping.signal);
    await expect.poll(() => crypto.countOf('regionKeys')).toBeGreaterThan(1);
    stopping.abort();
    expect(await keys).toBeUndefined();
  });
});
