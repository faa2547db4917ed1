// Makes the three empty Redis of a new region its acceptors, once. A formed region never comes here again: then an empty Redis is a
// lost disk, and formatting it would let a majority of nothing forget what was acknowledged.
import { readFileSync } from 'node:fs';
import { cryptoWorkerMethods, type RegionKeysReply } from '@zonehold/api-contract';
import {
  createAuthenticator,
  firstConfiguration,
  formatAcceptor,
  redisIdentityUri,
} from '@zonehold/caspaxos-redis';
import {
  assert,
  Deadline,
  fromBase64,
  isKmsError,
  systemClock,
  systemRandom,
} from '@zonehold/primitives';
import type { Topology } from '@zonehold/service-host';
import { refuse } from '../refusal.ts';
import { openMesh } from './mesh-identity.ts';
import type { RegionPaths } from './region-paths.ts';
import { writeRegionRecord, type RegionRecord } from './region-record.ts';
import { retryUntil } from './retry.ts';

/** Redis and a crypto-worker need a second or two to come up, on a loaded machine several. */
const formWithinMs = 30_000;
const callTimeoutMs = 2_000;

/**
 * Formats every zone's acceptor (repeating it is allowed while the region is still forming) and then writes the state `formed`. Redis and
 * crypto-workers must be starting or running. Refuses when a Redis already holds something else.
 */
export async function formRegion(
  paths: RegionPaths,
  record: RegionRecord,
  topology: Topology,
): Promise<RegionRecord> {
  const { clusterId, region } = record;
  const authenticator = createAuthenticator(clusterId, await integrityKey(paths, topology));
  const configuration = firstConfiguration(record.zones, authenticator);
  const read = (path: string): string => readFileSync(path, 'utf8');
  await Promise.all(
    topology.zones.map(({ zone, redis }) => {
      const files = paths.zone(zone);
      const format = (): Promise<void> =>
        formatAcceptor({
          address: {
            host: redis.host,
            port: redis.port,
            username: 'provisioner',
            password: read(paths.provisionerPassword),
            tls: {
              ca: read(paths.caCert),
              cert: read(paths.operatorCert),
              key: read(paths.operatorKey),
            },
            identityUri: redisIdentityUri(clusterId, region, zone),
          },
          identity: {
            clusterId,
            region,
            zone,
            acceptorId: redis.acceptorId,
            incarnation: redis.incarnation,
          },
          configuration,
          authenticator,
          random: systemRandom,
        });
      return retryUntil(`format the Redis of ${zone}`, formWithinMs, format, (error) => {
        // Not empty, or unsafe: waiting will not change it.
        if (isKmsError(error, 'CONFLICT'))
          refuse(`${error.message} (${files.redis(1).dir}). Nothing was changed.`);
      });
    }),
  );
  const formed: RegionRecord = { ...record, state: 'formed' };
  writeRegionRecord(paths, formed);
  return formed;
}

/**
 * The key that authenticates what acceptors store. Only crypto-workers can derive it, and they give it to key-managers: the launcher asks as
 * the first zone's key-manager, whose certificate it has just issued.
 */
async function integrityKey(paths: RegionPaths, topology: Topology): Promise<Uint8Array> {
  const [first] = topology.zones;
  assert(first !== undefined, 'a region has zones');
  const files = paths.zone(first.zone);
  const mesh = openMesh({
    self: {
      clusterId: topology.clusterId,
      region: topology.region,
      zone: first.zone,
      service: 'key-manager',
    },
    topology,
    service: 'crypto-worker',
    caPath: paths.caCert,
    certPath: files.cert('key-manager'),
    keyPath: files.key('key-manager'),
  });
  try {
    const { reply } = await retryUntil(
      'ask a crypto-worker for the region keys',
      formWithinMs,
      () =>
        mesh.call<RegionKeysReply>('crypto-worker', cryptoWorkerMethods.regionKeys, null, {
          deadline: Deadline.after(systemClock, callTimeoutMs),
          retry: 'always',
        }),
    );
    const key = fromBase64(reply.integrityKey);
    assert(key !== undefined, 'the contract gives keys in base64');
    return key;
  } finally {
    await mesh.close();
  }
}
