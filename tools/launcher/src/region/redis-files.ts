// Passwords, ACL and configuration of each zone's Redis. The passwords are made once; the rest is rendered at each start.
import { mkdirSync, readFileSync } from 'node:fs';
import {
  redisPasswordHash,
  renderAclFile,
  renderRedisConfig,
  type RedisUser,
} from '@zonehold/caspaxos-redis';
import { toHex, type Random } from '@zonehold/primitives';
import { readIfPresent, writeDurably } from './durable-file.ts';
import type { RegionPaths } from './region-paths.ts';
import { runningRedis, type RegionRecord } from './region-record.ts';
import { loopback } from './settings-files.ts';

/** 256 bits: nobody types them. */
const passwordBytes = 32;

/** Users and the services that log in as them. `provisioner` is the launcher's own, to format empty acceptors. */
const users: readonly RedisUser[] = ['key-manager', 'health-monitor', 'provisioner'];

/**
 * Writes what each Redis needs to start. A user's password is the same in every zone, since each key-manager talks to every zone's Redis;
 * each zone keeps its own copy, so that no zone depends on another's disk. `template` is the text of docker/redis.conf.
 */
export function writeRedisFiles(options: {
  readonly record: RegionRecord;
  readonly paths: RegionPaths;
  readonly templatePath: string;
  readonly random: Random;
}): void {
  const { record, paths, templatePath, random } = options;
  const template = readFileSync(templatePath, 'utf8');
  const hashes = Object.fromEntries(
    users.map((user) => [user, redisPasswordHash(ensurePassword(user, record, paths, random))]),
  );
  record.zones.forEach(({ zone }, index) => {
    const files = paths.zone(zone);
    mkdirSync(files.logsDir, { recursive: true, mode: 0o700 });
    for (const { number, port } of runningRedis(record, index)) {
      const { dir, conf, usersAcl } = files.redis(number);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      writeDurably(usersAcl, renderAclFile(hashes));
      const config = renderRedisConfig(template, {
        bind: loopback,
        port,
        certPath: files.cert('redis'),
        keyPath: files.key('redis'),
        caPath: paths.caCert,
        aclPath: usersAcl,
        dataDir: dir,
        // To its output, which the supervisor writes to the zone's log beside the others.
        logPath: '',
      });
      writeDurably(conf, config);
    }
  });
}

function ensurePassword(
  user: RedisUser,
  record: RegionRecord,
  paths: RegionPaths,
  random: Random,
): string {
  const places =
    user === 'provisioner'
      ? [paths.provisionerPassword]
      : record.zones.map(({ zone }) => paths.zone(zone).redisPassword(user));
  const known = places.map(readIfPresent).find((text) => text !== undefined);
  const password = known ?? toHex(random.bytes(passwordBytes));
  for (const place of places) {
    if (readIfPresent(place) === undefined) writeDurably(place, password);
  }
  return password;
}
