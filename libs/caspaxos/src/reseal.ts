// A round that keeps a register's value and waits for every member to hold it, the learner too: the copy and the seal of a
// rebuild (docs/replication.md), and the spreading of a tombstone. Not the pass over all registers: rebuild/seal-pass.ts.
import type { Deadline } from '@zonehold/primitives';
import type { Ballot, Timers } from './acceptor-port.ts';
import { Change, type ChangeContext } from './change.ts';
import type { Decision, RegisterId } from './register-store.ts';

/** Who holds a register after it was resealed. */
export interface Resealed {
  /** The epoch of the round. */
  readonly epoch: number;
  readonly ballot: Ballot;
  /** Zones that said they hold this ballot's value or a later one. */
  readonly zones: readonly string[];
  /** All zones of the region are among them. */
  readonly isEverywhere: boolean;
}

/** What resealing needs of its store. */
export interface ResealContext {
  readonly changes: ChangeContext;
  readonly zoneCount: number;
  readonly timers: Timers;
  readonly phaseTimeoutMs: number;
}

const keepAsIs = (): Decision<undefined> => ({ kind: 'keep', result: undefined });

/** Reseals `id`. After the round is won, zones that are slower are waited for as long as a phase lasts. */
export async function reseal(
  context: ResealContext,
  id: RegisterId,
  deadline: Deadline,
): Promise<Resealed> {
  const { changes, zoneCount, timers, phaseTimeoutMs } = context;
  const holders = new Holders();
  const manner = { mustRound: true, held: holders.add };
  const { state, epoch } = await new Change(changes, id, keepAsIs, deadline, manner).run();
  const waitMs = Math.max(0, Math.min(phaseTimeoutMs, deadline.remainingMs()));
  const { voters, learner } = changes.membership.electorate();
  const memberCount = voters.length + (learner === undefined ? 0 : 1);
  await holders.waitFor(state.ballot, memberCount, waitMs, timers);
  const zones = holders.of(state.ballot);
  return {
    epoch: epoch ?? 0,
    ballot: state.ballot,
    zones,
    isEverywhere: zones.length === zoneCount,
  };
}

/** Zones by the ballot they hold. */
class Holders {
  readonly #zones = new Map<Ballot, Set<string>>();
  #changed: () => void = () => undefined;

  readonly add = (ballot: Ballot, zone: string): void => {
    const zones = this.#zones.get(ballot);
    if (zones === undefined) this.#zones.set(ballot, new Set([zone]));
    else zones.add(zone);
    this.#changed();
  };

  of(ballot: Ballot): readonly string[] {
    return [...(this.#zones.get(ballot) ?? [])];
  }

  waitFor(ballot: Ballot, count: number, waitMs: number, timers: Timers): Promise<void> {
    return new Promise((resolve) => {
      const cancel = timers.schedule(waitMs, resolve);
      this.#changed = () => {
        if (this.of(ballot).length < count) return;
        cancel();
        resolve();
      };
      this.#changed();
    });
  }
}
