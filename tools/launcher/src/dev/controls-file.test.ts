// What a development region may be told, and what not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialDevControls, injectionsMax, type DevControls } from '@zonehold/service-host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DevControlsFile, devChangeSchema, nextControls, type DevChange } from './controls-file.ts';

const nowMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;

const after = (change: DevChange, before: DevControls = initialDevControls): DevControls => {
  const next = nextControls(before, change, nowMs);
  if ('refusal' in next) throw new Error(next.refusal);
  return next;
};
const refusalOf = (change: DevChange, before: DevControls = initialDevControls): string => {
  const next = nextControls(before, change, nowMs);
  if ('refusal' in next) return next.refusal;
  throw new Error('it was not refused');
};

describe("the keys' time", () => {
  it('adds up when it is advanced, and each change has a revision of its own', () => {
    const first = after({ action: 'advance-clock', byMs: dayMs });
    const second = after({ action: 'advance-clock', byMs: 2 * dayMs }, first);
    expect(second).toMatchObject({ revision: 3, clockOffsetMs: 3 * dayMs });
  });

  it('is set to a moment ahead of it', () => {
    expect(after({ action: 'set-clock', toMs: nowMs + dayMs }).clockOffsetMs).toBe(dayMs);
  });

  it('never goes back, also when the moment lies ahead of this machine', () => {
    const ahead = after({ action: 'advance-clock', byMs: 2 * dayMs });
    expect(refusalOf({ action: 'set-clock', toMs: nowMs + dayMs }, ahead)).toMatch(
      /is 2026-06-03T00:00:00.000Z already and never goes back/,
    );
    expect(refusalOf({ action: 'set-clock', toMs: nowMs - 1 })).toMatch(/never goes back/);
  });

  it('stays where dates still have four digits', () => {
    expect(refusalOf({ action: 'advance-clock', byMs: 51 * 365 * dayMs })).toMatch(/50 years/);
  });
});

describe('an injection', () => {
  const inject = {
    action: 'inject',
    route: 'wrapKey',
    status: 503,
    percent: 20,
    forMs: 1_000,
  } as const;

  it('gets an id that no other ever had, and an end', () => {
    const first = after(inject);
    expect(first.injections).toEqual([
      { id: 1, route: 'wrapKey', status: 503, percent: 20, untilMs: nowMs + 1_000 },
    ]);
    const cleared = after({ action: 'clear-injections' }, first);
    expect(cleared.injections).toEqual([]);
    expect(after(inject, cleared).injections[0]?.id).toBe(2);
  });

  it('is cleared alone by its id', () => {
    const both = after({ ...inject, route: '*' }, after(inject));
    const left = after({ action: 'clear-injections', id: 1 }, both);
    expect(left.injections.map(({ id }) => id)).toEqual([2]);
    expect(refusalOf({ action: 'clear-injections', id: 1 }, left)).toBe('There is no injection 1.');
  });

  it('that is over is forgotten with the next change, and never shown', () => {
    const old: DevControls = {
      ...after(inject),
      injections: [{ id: 1, route: '*', status: 429, percent: 1, untilMs: nowMs }],
    };
    expect(after({ action: 'show' }, old).injections).toEqual([]);
    expect(after({ action: 'advance-clock', byMs: 1 }, old).injections).toEqual([]);
  });

  it('needs an operation of the contract, an effect, and room', () => {
    expect(refusalOf({ ...inject, route: 'wrap' })).toMatch(/no operation wrap\./);
    const idle = { action: 'inject', route: 'wrapKey', percent: 20, forMs: 1_000 } as const;
    expect(refusalOf(idle)).toMatch(/needs a status, a latency, or both/);
    let full = initialDevControls;
    for (let count = 0; count < injectionsMax; count += 1) full = after(inject, full);
    expect(refusalOf(inject, full)).toMatch(/32 injections already/);
  });

  it.each([
    { status: 200 },
    { status: 404 },
    { forMs: 3_600_001 },
    { forMs: 0 },
    { percent: 0 },
    { percent: 101 },
    { latencyMs: 60_001 },
    { route: '' },
  ])('with %o is not even a request', (change) => {
    expect(devChangeSchema.safeParse({ ...inject, ...change }).success).toBe(false);
  });
});

describe('the file of controls', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zonehold-controls-'));
    path = join(folder, 'dev-controls.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made when it is missing, and found again by the next start', () => {
    new DevControlsFile(path).change({ action: 'advance-clock', byMs: dayMs }, nowMs);
    const shown = new DevControlsFile(path).change({ action: 'show' }, nowMs);
    expect(shown).toMatchObject({ revision: 2, clockOffsetMs: dayMs });
  });

  it('that is damaged is refused: nobody may guess how far the time had come', () => {
    writeFileSync(path, '{}');
    expect(() => new DevControlsFile(path)).toThrow(/damaged/);
  });
});
