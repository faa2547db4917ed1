// The ACL file of one acceptor's Redis: a user per service with the fewest rights that work, the default user off.
import { createHash } from 'node:crypto';
import { assert, toHex } from '@zonehold/primitives';

/** Services that may talk to an acceptor. */
export type RedisUser = 'key-manager' | 'health-monitor' | 'provisioner';

/** What the guard reads: server facts, safety settings. `probe-acceptor.ts` and `acceptor-gate.ts` use nothing else. */
const guardRights = ['+info', '+config|get', '+ping'];

/** What the scripts write: also what the AOF of an acceptor consists of. */
const scriptWrites = ['+hset', '+hincrby', '+hdel', '+zadd'];

/**
 * Rights by user. Scripts run with the rights of their caller, so a user that runs accept.lua needs what accept.lua calls.
 * Nobody may delete, expire, rename, flush, configure, or list keys. Nothing calls `hdel` any more; it was once written to
 * AOFs, see `replayRights`. `bgrewriteaof` is for what must leave the disk.
 */
const rights: Readonly<Record<RedisUser, readonly string[]>> = {
  'key-manager': [
    '~zonehold:cfg',
    '~{s*',
    ...guardRights,
    ...['+evalsha', '+script|load', '+multi', '+exec'],
    ...['+hget', '+hmget', '+zrangebylex', '+zrangebyscore'],
    // A rebuild: is the disk empty? Erasure and rebuilds: out with what was overwritten.
    ...['+dbsize', '+bgrewriteaof'],
    ...scriptWrites,
  ],
  'health-monitor': ['%R~zonehold:cfg', ...guardRights, '+hmget'],
  provisioner: ['~zonehold:cfg', ...guardRights, '+eval', '+hmget', '+hset', '+dbsize'],
};

/**
 * The default user is off and has no password, so nobody can be it; except Redis itself, which replays the AOF as this user
 * and asks its rights again at every EXEC (redis/redis#14541, fixed there in 2025; valkey-io/valkey#3983). Without them it
 * drops all that prepare.lua and accept.lua wrote, says so in its log, and starts: acknowledged writes gone. Reproduced on
 * 7.0.15. So a right that was once needed to write must stay here for ever.
 */
const replayRights = ['~zonehold:cfg', '~{s*', '+multi', '+exec', '+select', ...scriptWrites];

/** SHA-256 of a password in hex, the only form in which Redis keeps it. */
export function redisPasswordHash(password: string): string {
  return toHex(createHash('sha256').update(password, 'utf8').digest());
}

/**
 * The text of users.acl. `passwordHashes` are SHA-256 in lower-case hex, never the passwords (use `redisPasswordHash`).
 * A user without an entry does not exist.
 */
export function renderAclFile(
  passwordHashes: Readonly<Partial<Record<RedisUser, string>>>,
): string {
  const lines = [
    ['user default off resetpass resetkeys resetchannels -@all', ...replayRights].join(' '),
  ];
  for (const [user, hash] of Object.entries(passwordHashes)) {
    assert(/^[0-9a-f]{64}$/.test(hash), `the password hash of ${user} is not SHA-256 in hex`);
    lines.push(
      ['user', user, 'on', `#${hash}`, 'resetchannels', '-@all', ...rights[user as RedisUser]].join(
        ' ',
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}
