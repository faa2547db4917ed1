// Names of the Redis keys of one acceptor (docs/architecture.md section 4).
import { createHash } from 'node:crypto';
import type { RegisterId } from '@zonehold/caspaxos';

/** Identity, configuration, sequence and what is known of peers. */
export const configurationKey = 'zonehold:cfg';

/** Shards are hash tags from the first day, so that a Redis Cluster can take over inside a zone. One byte's worth. */
export const shardCount = 256;

/** Scopes (instances) whose shard is remembered; about 100 bytes each. Emptied when full: refilling costs 2 µs each. */
const rememberedScopesMax = 20_000;
const shardOfScope = new Map<string, string>();

/** `{s000}`..`{s255}`. */
export function shardTag(shard: number): string {
  return `{s${String(shard).padStart(3, '0')}}`;
}

/** The hash tag of a scope: first byte of SHA-256(scope). */
export function shardOf(scope: string): string {
  const known = shardOfScope.get(scope);
  if (known !== undefined) return known;
  if (shardOfScope.size >= rememberedScopesMax) shardOfScope.clear();
  const tag = shardTag(createHash('sha256').update(scope, 'utf8').digest()[0] ?? 0);
  shardOfScope.set(scope, tag);
  return tag;
}

export function registerKey({ scope, name }: RegisterId): string {
  return `${shardOf(scope)}:reg:${scope}/${name}`;
}

export function indexKey(tag: string): string {
  return `${tag}:idx:all`;
}

export function listKey(scope: string): string {
  return `${shardOf(scope)}:list:${scope}`;
}

/** The change log of a scope's list: names by the acceptor's sequence when their line was written. */
export function logKey(scope: string): string {
  return `${shardOf(scope)}:log:${scope}`;
}
