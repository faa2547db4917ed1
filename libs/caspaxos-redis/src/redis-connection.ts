// How to reach one acceptor's Redis, and the ioredis settings that go with it: nothing is queued while offline, nothing is
// ever sent twice, and a dead peer is given up soon. The defaults of ioredis would resend an accept minutes later.
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { Redis } from 'ioredis';
import type { FaultEdge, Random } from '@zonehold/primitives';

/** PEM texts. */
export interface RedisTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** One Redis, whom we expect to find there, and who we are. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly tls: RedisTls;
  /** The URI in the server's certificate: `spiffe://zonehold/<clusterId>/<region>/<zone>/redis`. */
  readonly identityUri: string;
  /** What is to go wrong on purpose on one connection there (docs/faults.md). Without it nothing is asked. */
  readonly faults?: () => FaultEdge;
}

/** Mesh reference A3. TCP and TLS together; inside a region they take a few milliseconds. */
const connectTimeoutMs = 500;
const reconnectMinMs = 50;
const reconnectMaxMs = 1000;

/** The identity a zone's Redis must show in its certificate (docs/architecture.md section 3). */
export function redisIdentityUri(clusterId: string, region: string, zone: string): string {
  return `spiffe://zonehold/${clusterId}/${region}/${zone}/redis`;
}

/**
 * An unconnected ioredis client (call `connect`). It reconnects by itself, after 50 to 1000 ms with jitter, until
 * disconnected. `maxRetriesPerRequest: 0` fails what was in flight when the connection breaks.
 */
export function openRedis(address: RedisAddress, random: Random): Redis {
  const { host, port, username, password, tls, identityUri } = address;
  return new Redis({
    host,
    port,
    username,
    password,
    lazyConnect: true,
    // RESP2: the replies of our commands are flat arrays in it, and it spares a HELLO.
    protocol: 2,
    disableClientInfo: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    enableReadyCheck: true,
    connectTimeout: connectTimeoutMs,
    keepAlive: 10_000,
    noDelay: true,
    retryStrategy: (attempt) => reconnectDelayMs(attempt, random),
    tls: {
      ...tls,
      minVersion: 'TLSv1.3',
      checkServerIdentity: (name, certificate) =>
        refuseOtherIdentity(name, certificate, identityUri),
    },
  });
}

/** Doubles from 50 to 1000 ms; the random half keeps processes apart. */
export function reconnectDelayMs(attempt: number, random: Random): number {
  const ceilingMs = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(attempt, 10));
  return Math.max(reconnectMinMs, Math.round(ceilingMs * (0.5 + random.unit() / 2)));
}

/** The host must be in the certificate, and the certificate must be of that very zone's Redis. */
export function refuseOtherIdentity(
  name: string,
  certificate: PeerCertificate,
  identityUri: string,
): Error | undefined {
  const names = (certificate.subjectaltname ?? '').split(', ');
  if (!names.includes(`URI:${identityUri}`)) {
    return new Error(`the server at ${name} is not ${identityUri}`);
  }
  return checkServerIdentity(name, certificate);
}
