import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyFaults } from './faults-directory.ts';

let folder: string;
let dir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonehold-faults-'));
  dir = join(folder, 'faults');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a start', () => {
  it('with faults begins with an empty directory', () => {
    emptyFaults(dir, true);
    writeFileSync(join(dir, 'f-00000001.json'), '{}');
    emptyFaults(dir, true);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('without faults leaves no directory, whatever the start before was', () => {
    emptyFaults(dir, true);
    writeFileSync(join(dir, 'f-00000001.json'), '{}');
    emptyFaults(dir, false);
    expect(existsSync(dir)).toBe(false);
    emptyFaults(dir, false);
  });
});
