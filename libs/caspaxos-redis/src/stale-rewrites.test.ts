// Files that a Redis killed in mid-rewrite leaves behind, by name. A real one: key-manager's erasure.int.test.ts.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeStaleRewrites } from './stale-rewrites.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonehold-stale-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('what a broken rewrite left', () => {
  it('is removed, and nothing else', () => {
    mkdirSync(join(folder, 'appendonlydir'));
    const stale = ['temp-rewriteaof-12.aof', 'temp-rewriteaof-bg-12.aof', 'temp-12.rdb'];
    const others = ['redis.conf', 'temp-notes.txt', 'appendonly.aof'];
    for (const name of [...stale, ...others]) writeFileSync(join(folder, name), 'x');
    expect(removeStaleRewrites(folder)).toBe(stale.length);
    expect(readdirSync(folder).toSorted()).toEqual(['appendonlydir', ...others].toSorted());
  });

  it('is nothing in a folder that does not exist yet', () => {
    expect(removeStaleRewrites(join(folder, 'none'))).toBe(0);
  });
});
