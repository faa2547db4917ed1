// Counting votes of one phase. Three results, never a boolean: a phase is pending until it is won or cannot be won.

/** Answers of one phase so far; each voter counts once. */
export interface Tally {
  readonly voters: number;
  readonly needed: number;
  readonly yes: number;
  readonly no: number;
}

export type Verdict = 'pending' | 'won' | 'lost';

export function openTally(voters: number, needed: number): Tally {
  return { voters, needed, yes: 0, no: 0 };
}

export function count(tally: Tally, isYes: boolean): Tally {
  return isYes ? { ...tally, yes: tally.yes + 1 } : { ...tally, no: tally.no + 1 };
}

/** `lost` as soon as the voters still silent cannot make a quorum any more. */
export function verdictOf({ voters, needed, yes, no }: Tally): Verdict {
  if (yes >= needed) return 'won';
  return voters - no < needed ? 'lost' : 'pending';
}
