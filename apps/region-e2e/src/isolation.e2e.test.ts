// Regions do not mix, and a Redis that was tampered with can refuse but not lie.
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { redisDirOf, withOfflineRedis } from './offline-redis.ts';
import { attachRegion, TestRegion } from './region.ts';
import { refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const client = new SdkClient(region.sdkOptions('MANAGER'));
const victimZone = 'us-south-3';
let otherRegion: RunningRegion;
let other: TestRegion;

beforeAll(async () => {
  otherRegion = await startRegion({ region: 'eu-de' });
  other = new TestRegion(otherRegion);
});

afterAll(async () => {
  client.close();
  await otherRegion.stop();
});

/** Lines about alarms in the logs of all key-managers, since `before` lines. */
function alarms(kind: string): string[] {
  return region
    .logLines('key-manager')
    .filter((line) => line.includes('safety.alarm') && line.includes(kind));
}

describe('a record of another region', () => {
  it('copied byte for byte into our Redis is refused, and everything else goes on', async () => {
    const made = await client.createKey({ name: 'stays', extractable: false });
    const wrapped = await client.wrap(made.id);
    const foreignId = await other.createKey('of another region');
    await other.zonehold('zone', 'kill', 'eu-de-1', '--service', 'redis');
    const foreign = await withOfflineRedis(redisDirOf(other.regionDir, 'eu-de-1'), (redis) =>
      redis.readRegister(other.instanceId, `key/${foreignId}`),
    );
    expect(Object.keys(foreign).toSorted()).toEqual(['a', 'm', 'p', 'v']);
    const before = alarms('forged').length;
    await region.tamperWithRedis(victimZone, async (redis) => {
      await redis.writeRegister(region.instanceId, `key/${foreignId}`, foreign);
    });
    await region.isWhole();
    for (const zone of region.zones) {
      const perZone = new SdkClient({ ...region.sdkOptions('MANAGER'), url: region.zoneUrl(zone) });
      for (let round = 0; round < 10; round += 1) {
        expect((await refusalOf(perZone.wrap(foreignId))).status).toBe(404);
      }
      expect((await perZone.unwrap(made.id, { ciphertext: wrapped.ciphertext })).plaintext).toBe(
        wrapped.plaintext,
      );
      perZone.close();
    }
    await eventually(
      'the refusal is in the log',
      5_000,
      async () => alarms('forged').length > before,
    );
  });
});

describe('a forged ballot', () => {
  it('written straight into one Redis is refused with a clear line in the log, and no request suffers', async () => {
    const key = await client.createKey({ name: 'forged against', extractable: false });
    const wrapped = await client.wrap(key.id);
    const before = alarms('forged').length;
    await region.tamperWithRedis('us-south-2', async (redis) => {
      const ballot = `00000000000fffff${'f'.repeat(16)}`;
      await redis.writeRegister(region.instanceId, `key/${key.id}`, { p: ballot, a: ballot });
    });
    await region.isWhole();
    for (let round = 0; round < 60; round += 1) {
      expect((await client.unwrap(key.id, { ciphertext: wrapped.ciphertext })).plaintext).toBe(
        wrapped.plaintext,
      );
    }
    expect(await client.rotate(key.id)).toBe(204);
    expect((await client.unwrap(key.id, { ciphertext: wrapped.ciphertext })).plaintext).toBe(
      wrapped.plaintext,
    );
    await eventually(
      'the forgery is in the log',
      5_000,
      async () => alarms('forged').length > before,
    );
    const lines = alarms('forged').length - before;
    console.log(`forged ballot: ${lines} log lines for more than 60 requests`);
    expect(lines).toBeLessThanOrEqual(12);
  });
});

describe('a certificate of another region', () => {
  it.each(['key-manager', 'crypto-worker'] as const)('is refused by our %s', async (service) => {
    const { host, port } = region.endpoint('us-south-1', service);
    const pki = join(other.regionDir, 'zones', 'eu-de-1');
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect({
        host,
        port,
        ca: readFileSync(join(region.regionDir, 'pki', 'ca.crt')),
        cert: readFileSync(join(pki, 'key-manager.crt')),
        key: readFileSync(join(pki, 'key-manager.key')),
        checkServerIdentity: () => undefined,
      });
      // TLS 1.3 tells the client of its refusal only after the handshake: read until the server has spoken.
      socket.once('data', () => resolve('served'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('closed'));
      socket.setTimeout(5_000, () => resolve('silent'));
    });
    expect(outcome).toMatch(/^(closed|ECONNRESET|ERR_SSL_.*)$/);
  });

  it('and a token of another region is refused at our edge', async () => {
    const token = await other.bearerToken('MANAGER');
    const response = await fetch(`${region.url}/api/v2/keys`, {
      headers: { authorization: `Bearer ${token}`, 'bluemix-instance': region.instanceId },
    });
    expect(response.status).toBe(401);
  });
});
