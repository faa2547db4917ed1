// Background work, round after round, for as long as the process lives. When a round fails for want of a majority or of a peer,
// the next one tries again.
import { isKmsError, type Random } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import { mayGoOn } from './may-go-on.ts';

export interface Rounds {
  readonly round: () => Promise<void>;
  /** Between two rounds, by half shorter or longer: the key-managers of a region start together. */
  readonly intervalMs: number;
  /** Logged once when rounds begin to fail. */
  readonly waitingEvent: string;
  readonly log: Log;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Resolves once `signal` is aborted and the round under way is over. Rejects with what is no KmsError: a bug. */
export async function runRounds(rounds: Rounds): Promise<void> {
  const { round, intervalMs, waitingEvent, log, random, signal } = rounds;
  let isFailing = false;
  while (await mayGoOn(intervalMs * (0.5 + random.unit()), signal)) {
    try {
      await round();
      isFailing = false;
    } catch (error) {
      if (!isKmsError(error)) throw error;
      if (!isFailing) log.warn(waitingEvent, { error });
      isFailing = true;
    }
  }
}
