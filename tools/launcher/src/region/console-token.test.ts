// The token's file: secret, made once.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '@zonehold/primitives';
import { afterAll, describe, expect, it } from 'vitest';
import { ensureConsoleToken } from './console-token.ts';

const folder = mkdtempSync(join(tmpdir(), 'console-token-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the token of the consoles', () => {
  it('is long, readable by its owner only, and stays what it is', () => {
    const consoleToken = join(folder, 'console-token');
    ensureConsoleToken({ consoleToken }, new SeededRandom(1));
    const token = readFileSync(consoleToken, 'utf8');
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
    expect(statSync(consoleToken).mode & 0o777).toBe(0o600);
    ensureConsoleToken({ consoleToken }, new SeededRandom(2));
    expect(readFileSync(consoleToken, 'utf8')).toBe(token);
  });
});
