// The Redis of every zone of a region, real, in containers or as processes: TLS from an authority of its own, the product's own
// configuration and ACL, formatted or empty. Tests kill, freeze, cut off, wipe and set them back through RedisServer.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { AcceptorIdentity, Authenticator } from '@zonehold/caspaxos';
import {
  createAuthenticator,
  firstConfiguration,
  formatAcceptor,
  redisIdentityUri,
  type RedisAddress,
  type RedisTls,
  type RedisUser,
  type RegisterStoreOptions,
  type ZoneAddress,
} from '@zonehold/caspaxos-redis';
import { createAuthority, issueCertificate } from '@zonehold/pki';
import { systemClock, systemRandom, toHex } from '@zonehold/primitives';
import { ContainerRedis } from './container-redis.ts';
import { filterOf, openEngine } from './engine.ts';
import { Guardian } from './guardian.ts';
import type { RedisPasswords, RedisServer, RedisServerOptions } from './redis-server.ts';
import { SpawnedRedis } from './spawned-redis.ts';

/** How the Redis of a zone is run. */
export type RedisDriver = 'containers' | 'spawned';

export interface RedisZonesOptions {
  /** Three by default. */
  readonly count?: number;
  readonly clusterId?: string;
  readonly region?: string;
  /** True by default: each Redis gets its identity and the epoch-1 configuration. */
  readonly isFormatted?: boolean;
  /** Gives each zone's data a small disk of its own; see RedisServer.fillDisk. */
  readonly diskMaxBytes?: number;
  /** Containers by default; ZONEHOLD_REDIS=spawned, for quick local runs, changes the default to processes of this machine. */
  readonly driver?: RedisDriver;
}

const system = { clock: systemClock, random: systemRandom };

export class RedisZones {
  readonly clusterId: string;
  readonly region: string;
  readonly integrityKey = systemRandom.bytes(32);
  readonly authenticator: Authenticator;
  readonly servers: readonly RedisServer[];
  readonly zones: readonly ZoneAddress[];
  /** A client certificate of the region: every user shows one besides its password. */
  readonly clientTls: RedisTls;
  readonly #passwords: RedisPasswords;
  readonly #guardian: Guardian;

  private constructor(parts: {
    readonly clusterId: string;
    readonly region: string;
    readonly servers: readonly RedisServer[];
    readonly clientTls: RedisTls;
    readonly passwords: RedisPasswords;
    readonly guardian: Guardian;
  }) {
    this.clusterId = parts.clusterId;
    this.region = parts.region;
    this.servers = parts.servers;
    this.clientTls = parts.clientTls;
    this.#passwords = parts.passwords;
    this.#guardian = parts.guardian;
    this.authenticator = createAuthenticator(this.clusterId, this.integrityKey);
    this.zones = parts.servers.map(({ host, port }, index) => ({
      zone: zoneName(this.region, index),
      host,
      port,
      acceptorId: `acceptor-${index + 1}`,
      incarnation: 'incarnation-1',
    }));
  }

  /** Starts the servers. Call `stop` when done; should the process die before, a guardian does. */
  static async start(options: RedisZonesOptions = {}): Promise<RedisZones> {
    const { count = 3, clusterId = 'test-cluster', region = 'us-south' } = options;
    const driver = options.driver ?? defaultDriver();
    if (driver === 'containers') await openEngine();
    const folder = mkdtempSync(join(tmpdir(), 'zonehold-redis-'));
    const group = basename(folder);
    const guardian = new Guardian(folder);
    if (driver === 'containers') guardian.watchEngine(filterOf(group));
    const startServer = (place: RedisServerOptions): Promise<RedisServer> =>
      driver === 'containers'
        ? ContainerRedis.start({ ...place, group })
        : SpawnedRedis.start(place);
    try {
      const authority = await createAuthority(region, system);
      const issue = (zone: string, service: string) =>
        issueCertificate(
          authority,
          { clusterId, region, zone, service, ipAddresses: ['127.0.0.1'] },
          system,
        );
      const client = await issue('-', 'key-manager');
      const clientTls = { ca: authority.certPem, cert: client.certPem, key: client.keyPem };
      const passwords = newPasswords();
      const servers = await Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const zone = zoneName(region, index);
          const certificate = await issue(zone, 'redis');
          const place = { folder: join(folder, zone), ca: authority.certPem, certificate };
          const { diskMaxBytes } = options;
          const disk = diskMaxBytes === undefined ? {} : { diskMaxBytes };
          return startServer({ ...place, ...disk, clientTls, passwords, guardian });
        }),
      );
      const zones = new RedisZones({ clusterId, region, servers, clientTls, passwords, guardian });
      if (options.isFormatted ?? true)
        await Promise.all(zones.zones.map((_, index) => zones.format(index)));
      return zones;
    } catch (error) {
      await guardian.release();
      throw error;
    }
  }

  /** The server of a zone, by index. */
  server(index: number): RedisServer {
    const server = this.servers[index];
    if (server === undefined) throw new Error(`there is no zone ${index}`);
    return server;
  }

  /** The same, with the powers that only containers have. Throws when the zones are not containers. */
  container(index: number): ContainerRedis {
    const server = this.server(index);
    if (server instanceof ContainerRedis) return server;
    throw new Error('this test cuts networks: run it on containers, without ZONEHOLD_REDIS');
  }

  identity(index: number): AcceptorIdentity {
    const zone = this.zones[index];
    if (zone === undefined) throw new Error(`there is no zone ${index}`);
    const { acceptorId, incarnation } = zone;
    return {
      clusterId: this.clusterId,
      region: this.region,
      zone: zone.zone,
      acceptorId,
      incarnation,
    };
  }

  address(index: number, username: RedisUser): RedisAddress {
    const { host, port } = this.server(index);
    const identityUri = redisIdentityUri(this.clusterId, this.region, zoneName(this.region, index));
    const password = this.#passwords[username];
    return { host, port, username, password, tls: this.clientTls, identityUri };
  }

  async format(index: number): Promise<void> {
    await formatAcceptor({
      address: this.address(index, 'provisioner'),
      identity: this.identity(index),
      configuration: firstConfiguration(this.zones, this.authenticator),
      authenticator: this.authenticator,
      random: systemRandom,
    });
  }

  /** What createRegisterStore needs to work on these zones as a key-manager. */
  storeOptions(): RegisterStoreOptions {
    return {
      clusterId: this.clusterId,
      region: this.region,
      zones: this.zones,
      username: 'key-manager',
      password: this.#passwords['key-manager'],
      tls: this.clientTls,
      integrityKey: this.integrityKey,
      ...system,
    };
  }

  /** Kills every server and removes the files. What a server could not remove, the guardian does. */
  async stop(): Promise<void> {
    const stopped = await Promise.allSettled(this.servers.map((server) => server.stop()));
    if (stopped.every(({ status }) => status === 'fulfilled')) this.#guardian.watchEngine('');
    await this.#guardian.release();
  }
}

function zoneName(region: string, index: number): string {
  return `${region}-${index + 1}`;
}

function defaultDriver(): RedisDriver {
  const name = process.env['ZONEHOLD_REDIS'] ?? 'containers';
  if (name === 'containers' || name === 'spawned') return name;
  throw new Error(`ZONEHOLD_REDIS must be "containers" or "spawned", not "${name}"`);
}

function newPasswords(): RedisPasswords {
  const password = (): string => toHex(systemRandom.bytes(32));
  return {
    'key-manager': password(),
    'health-monitor': password(),
    provisioner: password(),
    admin: password(),
  };
}
