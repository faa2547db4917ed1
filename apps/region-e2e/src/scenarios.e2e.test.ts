// The scenarios of docs/scenarios.md on a region that may be given faults, run by the command as a person would run it, small: a few
// seconds each, at a rate that two busy cores serve. What is right must be right here too; how long it takes is judged elsewhere.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachRegion } from './region.ts';

const zones = ['us-south-1', 'us-south-2', 'us-south-3'];
const region = attachRegion();
let reports: string;

beforeAll(async () => {
  reports = mkdtempSync(join(tmpdir(), 'zonehold-scenarios-'));
  await region.isWhole();
});

afterAll(() => rmSync(reports, { recursive: true, force: true }));

/** The part of a report that is printed. */
interface Report {
  readonly findings: {
    readonly requests: number;
    readonly failed: number;
    readonly attemptsPerRequestWorst: number;
    readonly ejections: number;
    readonly panics: number;
    /** null: no gateway noticed anything, and nothing was proven. */
    readonly detection: object | null;
  };
  readonly promises: readonly {
    readonly name: string;
    readonly class: string;
    readonly limit: number;
    readonly isKept: boolean;
  }[];
}

/** Runs one scenario, and fails with the command's own words when a promise of correctness is broken. */
async function rehearse(
  name: string,
  scale: number,
  perSecond: number,
  zone: string,
): Promise<Report> {
  const dir = join(reports, `${name}-${zone}`);
  const { code, stdout, stderr } = await region.files.zonehold(
    ...['scenario', 'run', name, '--zone', zone, '--report', dir, '--correctness-only'],
    ...['--scale', String(scale), '--requests-per-second', String(perSecond)],
  );
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
  const report = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as Report;
  const { requests, failed, attemptsPerRequestWorst: attempts, ejections } = report.findings;
  expect(report.findings.detection).not.toBeNull();
  console.log(
    `${name} ${zone}: ${requests} requests, ${failed} failed, ${attempts} attempts each, ${ejections} ejections`,
  );
  return report;
}

/** What the scenario's file binds itself to: a promise that was taken out of it would break nothing. */
function promised(report: Report): Readonly<Record<string, number>> {
  const kept = report.promises.filter(
    (promise) => promise.class === 'correctness' && promise.isKept,
  );
  return Object.fromEntries(kept.map(({ name, limit }) => [name, limit]));
}

describe.each(zones)('the backends of %s', (zone) => {
  it.each(['zone-loss', 'zone-hang'])('%s: no request fails', async (name) => {
    const report = await rehearse(name, 0.2, 40, zone);
    expect(promised(report)).toEqual({ failedMax: 0, keysLostMax: 0, attemptsPerRequestMax: 1.2 });
  });
});

describe('a region', () => {
  it('that loses one direction between two zones fails no request', async () => {
    const report = await rehearse('one-way-partition', 0.2, 40, 'us-south-2');
    expect(promised(report)).toEqual({ failedMax: 0, keysLostMax: 0, attemptsPerRequestMax: 1.2 });
  });

  it('with a zone that flaps ejects it at most once in each hold-down', async () => {
    const report = await rehearse('flapping', 0.33, 60, 'us-south-1');
    expect(promised(report)).toMatchObject({
      ...{ failedMax: 0, ejectionsMin: 1, ejectionsPerHoldDownMax: 1, attemptsPerRequestMax: 1.2 },
    });
  });

  it('whose zones are all sick panics, empties none of them, and serves again afterwards', async () => {
    const report = await rehearse('all-sick', 0.3, 160, 'us-south-3');
    expect(report.findings.panics).toBeGreaterThan(0);
    expect(promised(report)).toMatchObject({
      ...{ panicsMin: 1, zoneShareMin: 0.05, servedAgainMin: 1, attemptsPerRequestMax: 1.2 },
    });
  });
});
