// Failing seeds become small, and the command that replays one says all that is needed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHistory } from '../history/history-file.ts';
import { brokenVariants } from './broken-variants.ts';
import { shrinkSeed } from './shrink-seed.ts';
import { simulate } from './simulate.ts';

const operationCount = 300;
const variantName = 'a wiped acceptor is readmitted under its old identity';
const variant = brokenVariants[variantName]!;

async function firstCaught(): Promise<number> {
  for (let seed = 1; seed <= 300; seed += 1) {
    const { findings } = await simulate(seed, operationCount, variant);
    if (findings.some(({ kind }) => kind === 'history')) return seed;
  }
  throw new Error('the variant is not caught within 300 seeds');
}

describe('a plan', () => {
  it('leaves strikes out without changing how the others are drawn', async () => {
    const whole = await simulate(11, operationCount);
    const { strikes } = await simulate(11, operationCount, {}, { keptStrikes: new Set([2]) });
    const drawn = strikes.slice(0, 10).map(({ number, atMs, fault }) => ({ number, atMs, fault }));
    expect(drawn.length).toBeGreaterThan(5);
    expect(whole.strikes.slice(0, drawn.length)).toMatchObject(drawn);
    expect(strikes.filter(({ isSkipped }) => !isSkipped).map(({ number }) => number)).toEqual([2]);
  });

  it('runs no more operations than it says before the faults end', async () => {
    const { history } = await simulate(11, operationCount, {}, { operationsMax: 20 });
    expect(history.operations.filter(({ opId }) => opId.startsWith('op-'))).toHaveLength(20);
  });

  it('that leaves nothing out is the whole run', async () => {
    const whole = await simulate(11, operationCount);
    const keptStrikes = new Set(whole.strikes.map(({ number }) => number));
    const again = await simulate(11, operationCount, {}, { operationsMax: 300, keptStrikes });
    expect(again.history.operations).toEqual(whole.history.operations);
  });
});

describe('a failing seed', () => {
  it('of a broken variant shrinks to a quarter of its strikes or less, and still fails when replayed', async () => {
    const seed = await firstCaught();
    const whole = await simulate(seed, operationCount, variant);
    const shrunk = (await shrinkSeed(seed, operationCount, variant))!;
    expect(shrunk.strikes.length).toBeGreaterThan(0);
    expect(shrunk.strikes.length).toBeLessThanOrEqual(whole.strikes.length / 4);
    expect(shrunk.strikes.map(({ fault }) => fault)).toContain('wipe');
    expect(shrunk.plan.operationsMax).toBeLessThan(operationCount);
    const replayed = await simulate(seed, operationCount, variant, shrunk.plan);
    expect(replayed.findings).toEqual(shrunk.report.findings);
    expect(replayed.findings.some(({ kind }) => kind === 'history')).toBe(true);
    expect(replayed.history.operations).toEqual(shrunk.report.history.operations);
  });

  it('that finds nothing does not shrink', async () => {
    expect(await shrinkSeed(11, operationCount)).toBeUndefined();
  });
});

describe('the replay command', () => {
  it('says seed, commit, findings and the smallest run, and writes its history', async () => {
    const seed = await firstCaught();
    const folder = mkdtempSync(join(tmpdir(), 'zonehold-replay-'));
    try {
      const path = join(folder, 'history.jsonl');
      const args = ['--seed', String(seed), '--variant', variantName, '--history', path];
      const { status, stdout } = run(args);
      expect(status).toBe(1);
      expect(stdout).toMatch(
        new RegExp(`^seed ${seed}, 300 operations, commit ([0-9a-f]{40}|unk)`),
      );
      expect(stdout).toMatch(/the whole run, with \d+ strikes, found:\n {2}history: /);
      expect(stdout).toMatch(
        /shrunk to \d+ operations and \d+ strikes .*:\n {2}strike \d+ at \d+ ms: /,
      );
      const written = readHistory(readFileSync(path, 'utf8'));
      expect(written.ok && written.operations.length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [['--seed', 'x'], '--seed must be a whole number'],
    [['--seed', '1', '--variant', 'none'], "there is no variant 'none'"],
    [['--sed', '1'], "Unknown option '--sed'"],
  ])('refuses %j and says how it is used', (args, message) => {
    const { status, stderr } = run(args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain('usage: npx node');
  });
});

function run(args: readonly string[]) {
  const command = join(import.meta.dirname, 'replay.ts');
  try {
    const stdout = execFileSync(process.execPath, [command, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 60_000,
    });
    return { status: 0, stdout, stderr: '' };
  } catch (error) {
    return error as { status: number; stdout: string; stderr: string };
  }
}
