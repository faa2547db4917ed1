// Removes what an AOF rewrite leaves behind when Redis dies in the middle of it: its child goes on for a while, and may finish.
// That is a copy of old records which nothing reads, and which no start and no later rewrite deletes (seen on 7.0.15). For whoever
// starts a Redis, never beside a running one. A child that still writes has nothing to rename then, and gives up.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** `temp-rewriteaof-<pid>.aof`, `temp-rewriteaof-bg-<pid>.aof` (Redis aof.c), `temp-<pid>.rdb` (rdb.c). */
const leftover = /^temp-(?:rewriteaof-(?:bg-)?)?\d+\.(?:aof|rdb)$/;

/** Returns how many files were removed; none when there is no such folder yet. */
export function removeStaleRewrites(dataDir: string): number {
  if (!existsSync(dataDir)) return 0;
  const stale = readdirSync(dataDir).filter((name) => leftover.test(name));
  for (const name of stale) rmSync(join(dataDir, name), { force: true });
  return stale.length;
}
