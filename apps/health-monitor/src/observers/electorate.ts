// Whose eyes count. Pure. A monitor counts another one only while both hear each other; one that is not in touch with a
// majority of all monitors, itself included, is isolated: what it takes for the end of the others may be its own.
import type { Word } from './word.ts';

/**
 * A word is believed so long after it was asked for. Shorter than `zoneViewPolicy.deafMs`: a monitor that is cut off knows so
 * before its own eyes take the others for dead.
 */
export const wordLifeMs = 1_200;

export interface HeardWord {
  readonly word: Word;
  /** On the hearer's monotonic clock, when the question left. */
  readonly askedAtMs: number;
}

export interface Electorate {
  readonly isIsolated: boolean;
  /** This monitor's own word first, then those of monitors in touch with it that are not isolated themselves. */
  readonly words: readonly Word[];
}

/** More than half of all monitors of the region. */
export function majorityOf(monitors: number): number {
  return Math.floor(monitors / 2) + 1;
}

/** The zones whose monitors' words are fresh. */
export function heardZones(heard: readonly HeardWord[], nowMs: number): string[] {
  return fresh(heard, nowMs).map(({ observer }) => observer);
}

/** Who takes part in a verdict of `own.observer`, in a region of `monitors` monitors. `heard`: at most one word of each other. */
export function electorateOf(
  own: Word,
  heard: readonly HeardWord[],
  monitors: number,
  nowMs: number,
): Electorate {
  const inTouch = fresh(heard, nowMs).filter(({ hears }) => hears.includes(own.observer));
  const isIsolated = inTouch.length + 1 < majorityOf(monitors);
  return { isIsolated, words: [own, ...inTouch.filter((word) => !word.isIsolated)] };
}

function fresh(heard: readonly HeardWord[], nowMs: number): Word[] {
  return heard.filter(({ askedAtMs }) => nowMs - askedAtMs < wordLifeMs).map(({ word }) => word);
}
