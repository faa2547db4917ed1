// Who votes, what that means, and how far a rebuild is. Pure.
import type { AcceptorsView } from '../state.ts';
import type { Tone } from './tones.ts';
import { countText } from './wording.ts';

type KnownAcceptors = Exclude<AcceptorsView, { readonly problem: string }>;

export interface ShownRebuild {
  readonly zone: string;
  readonly cause: string;
  readonly done: number;
  readonly total: number;
  /** `4,120 of 10,000 records, 830/s, 7 s left`. */
  readonly text: string;
}

export interface ShownQuorum {
  readonly tone: Tone;
  readonly sentence: string;
  readonly epoch: number | null;
  /** null: nobody can say. */
  readonly voters: number | null;
  readonly zones: number;
  readonly rebuild: ShownRebuild | null;
  readonly lastRebuild: KnownAcceptors['lastRebuild'];
}

/** Key-managers may differ for a moment: the one that has seen the newest configuration counts, and of those the one that sees most. */
export function quorumOf(
  zones: readonly string[],
  acceptors: readonly AcceptorsView[],
): ShownQuorum {
  const known = acceptors.filter((view): view is KnownAcceptors => !('problem' in view));
  const votersIn = (view: KnownAcceptors): number =>
    view.zones.filter(({ standing }) => standing === 'voter').length;
  const [best] = known.toSorted((a, b) => b.epoch - a.epoch || votersIn(b) - votersIn(a));
  if (best === undefined)
    return {
      tone: 'idle',
      sentence: 'No key-manager says which acceptors vote.',
      ...{ epoch: null, voters: null, zones: zones.length, rebuild: null, lastRebuild: null },
    };
  const voters = votersIn(best);
  const { epoch, rebuild, lastRebuild } = best;
  return {
    ...{ epoch, voters, zones: zones.length, lastRebuild },
    ...judged(best, voters, zones.length),
    rebuild: rebuild && { ...rebuild, text: progressText(rebuild) },
  };
}

function judged(
  best: KnownAcceptors,
  voters: number,
  zones: number,
): Pick<ShownQuorum, 'tone' | 'sentence'> {
  const needed = Math.floor(zones / 2) + 1;
  if (voters === zones)
    return { tone: 'good', sentence: `All ${zones} acceptors vote; ${needed} decide.` };
  const others = best.zones.filter(({ standing }) => standing !== 'voter');
  const names = others.map(({ zone, standing }) => `${zone} (${standing})`).join(', ');
  const without = `${voters} of ${zones} acceptors vote, without ${names}`;
  return voters >= needed
    ? {
        tone: 'warn',
        sentence: `${without}: the loss of another zone's disk may lose data now.`,
      }
    : { tone: 'bad', sentence: `${without}: too few to change or to read anything.` };
}

function progressText(rebuild: NonNullable<KnownAcceptors['rebuild']>): string {
  const { done, total, recordsPerSecond, leftS, waitsFor } = rebuild;
  const waits = waitsFor === '' ? [] : [`waits: ${waitsFor}`];
  if (total === 0) return waits[0] ?? 'it has just begun';
  return [
    `${countText(done)} of ${countText(total)} records`,
    ...(recordsPerSecond > 0 ? [`${countText(recordsPerSecond)}/s`] : []),
    ...(leftS === null ? [] : [`${countText(leftS)} s left`]),
    ...waits,
  ].join(', ');
}
