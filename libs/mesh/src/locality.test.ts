// Which zone is next, as a table of situations.
import { describe, expect, it } from 'vitest';
import { nextZone, ownZoneFirst, type ZoneCandidate } from './locality.ts';

const fit = (zone: string): ZoneCandidate => ({ zone, isUp: true, isFit: true, isDrained: false });
const unfit = (zone: string): ZoneCandidate => ({
  zone,
  isUp: true,
  isFit: false,
  isDrained: false,
});

function pick(candidates: ZoneCandidate[], triedZones: string[] = [], rotation = 0): string {
  const ordered = ownZoneFirst(candidates, 'a');
  const tried = ordered.filter(({ zone }) => triedZones.includes(zone));
  const choice = nextZone(ordered, 'a', tried, rotation);
  return choice === undefined
    ? 'none'
    : `${choice.candidate.zone}${choice.isPanic ? ' in panic' : ''}`;
}

describe('the next zone', () => {
  it('is the own one while it is fit, whatever the rotation', () => {
    for (const rotation of [0, 1, 2, 7])
      expect(pick([fit('b'), fit('a'), fit('c')], [], rotation)).toBe('a');
  });

  it('is each of the others in turn when the own one is unfit', () => {
    const candidates = [unfit('a'), fit('b'), fit('c')];
    expect([0, 1, 2, 3].map((rotation) => pick(candidates, [], rotation))).toEqual([
      'b',
      'c',
      'b',
      'c',
    ]);
  });

  it('is never one that was tried while another is left', () => {
    expect(pick([fit('a'), fit('b'), fit('c')], ['a', 'b'])).toBe('c');
    expect(pick([fit('a'), fit('b'), fit('c')], ['a', 'c'], 1)).toBe('b');
  });

  it('is a fit one before an unfit own one', () => {
    expect(pick([unfit('a'), unfit('b'), fit('c')])).toBe('c');
  });

  it('is an untried unfit one, in panic, when no fit one is left', () => {
    expect(pick([unfit('a'), unfit('b'), unfit('c')])).toBe('a in panic');
    expect(pick([unfit('a'), unfit('b'), fit('c')], ['c'])).toBe('a in panic');
  });

  it('starts over when all were tried', () => {
    expect(pick([fit('a'), fit('b')], ['a', 'b'])).toBe('a');
  });

  it('is none only for nowhere', () => {
    expect(pick([])).toBe('none');
  });

  it('is one of the others for a caller whose zone has no instance', () => {
    expect(pick([fit('b'), fit('c')], [], 1)).toBe('c');
  });
});
