// Every schedule of small regions that lose and rebuild a zone: none loses an acknowledged write. And the same search finds
// the mistakes that the procedure was made to exclude. The long form runs with: npm run prove
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import type { ExploreReport } from './options.ts';
import { mistakenSpaces, quickSpaces } from './spaces.ts';

function describeViolations({ violations }: ExploreReport): string {
  return violations
    .map(({ message, schedule }) => [...schedule, message].join('\n  '))
    .join('\n\n');
}

describe('every schedule', () => {
  it.each(Object.entries(quickSpaces))('keeps what was acknowledged: %s', (name, space) => {
    const report = explore(space);
    expect(report.violations, describeViolations(report)).toEqual([]);
    expect(report.isComplete).toBe(true);
    // A bound that shrank the space to nothing would be an empty proof.
    expect(report.states, name).toBeGreaterThan(10_000);
  });

  it('is the same twice', () => {
    const space = { ...quickSpaces['a writer and a reader, one rollback']!, countersMax: 1 };
    expect(explore(space)).toEqual(explore(space));
  });

  it('is cut where the number of states has its limit, and says so', () => {
    const space = { ...quickSpaces['a writer and a reader, one rollback']!, statesMax: 1_000 };
    const { states, isComplete, violations } = explore(space);
    expect({ states, isComplete, violations }).toEqual({
      states: 1_000,
      isComplete: false,
      violations: [],
    });
  });
});

describe('the explorer finds', () => {
  it.each(Object.entries(mistakenSpaces))('%s', (_name, space) => {
    const { violations } = explore(space);
    expect(violations).toHaveLength(1);
  });

  it('the straddling quorum with its steps: promise, wipe, readmission, late prepare, lost write', () => {
    const space = Object.values(mistakenSpaces)[0]!;
    const { message, schedule } = explore(space).violations[0]!;
    expect(message).toMatch(/one of them is lost/);
    const lost = schedule.indexOf('C loses its disk');
    const promoted = schedule.findIndex((line) => line.endsWith('voters A, B, C x1'));
    const isLate = (line: string): boolean => line.includes(' in epoch 1: promised');
    expect(schedule.slice(0, lost).some((line) => line.includes('at C in epoch 1'))).toBe(true);
    expect(promoted).toBeGreaterThan(lost);
    expect(schedule.slice(lost).some(isLate)).toBe(true);
  });

  it('the same with and without its reduction by symmetry', () => {
    for (const space of [
      { ...quickSpaces['a writer and a reader, one rollback']!, countersMax: 1 },
      Object.values(mistakenSpaces)[0]!,
    ]) {
      const reduced = explore(space);
      const whole = explore({ ...space, keepsMirrorImages: true });
      expect(whole.violations.length).toBe(reduced.violations.length);
      expect(whole.isComplete).toBe(reduced.isComplete);
    }
  });
});
