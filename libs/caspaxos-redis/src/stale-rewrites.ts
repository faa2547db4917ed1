// Removes what an AOF rewrite left behind when Redis died in the middle of it: a half of an old memory image that nothing reads
// and Redis itself never deletes. For whoever starts a Redis, never beside a running one.
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
