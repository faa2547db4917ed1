// Silence of a peer against a clock that the test moves.
import { describe, expect, it } from 'vitest';
import { ManualClock } from '@zonehold/primitives';
import { LinkPulse } from './link-pulse.ts';

const sweepMs = 50;

/** Sweeps for `forMs` and gives what each check said that was not "alive", with the time at which it said it. */
function sweep(pulse: LinkPulse, clock: ManualClock, forMs: number, hasPending: boolean): string[] {
  const said: string[] = [];
  for (let atMs = sweepMs; atMs <= forMs; atMs += sweepMs) {
    clock.advance(sweepMs);
    const verdict = pulse.check(hasPending);
    if (verdict !== 'alive') said.push(`${verdict} at ${atMs}`);
    if (verdict === 'dead') break;
  }
  return said;
}

function start(): { pulse: LinkPulse; clock: ManualClock } {
  const clock = new ManualClock();
  const pulse = new LinkPulse({ linkSilenceMs: 500, sweepMs }, clock);
  pulse.start();
  return { pulse, clock };
}

describe('the pulse of a link', () => {
  it('asks a peer that owes answers, and gives it up after 500 ms of silence', () => {
    const { pulse, clock } = start();
    expect(sweep(pulse, clock, 2_000, true)).toEqual(['ping at 200', 'dead at 500']);
  });

  it('asks an idle peer in time to give it up within a second', () => {
    const { pulse, clock } = start();
    expect(sweep(pulse, clock, 3_000, false)).toEqual(['ping at 400', 'dead at 900']);
  });

  it('takes any byte for life', () => {
    const { pulse, clock } = start();
    for (let round = 0; round < 10; round += 1) {
      expect(sweep(pulse, clock, 450, true)).not.toContain('dead at 450');
      pulse.heard();
      pulse.ponged();
    }
  });

  it('does not count idle time against a peer that has just been called', () => {
    const { pulse, clock } = start();
    sweep(pulse, clock, 350, false);
    expect(sweep(pulse, clock, 400, true)).toEqual(['ping at 200']);
  });

  it('does not blame the peer for a pause of its own process', () => {
    const { pulse, clock } = start();
    sweep(pulse, clock, 100, true);
    clock.advance(10_000);
    expect(pulse.check(true)).not.toBe('dead');
  });
});
