// What a store tells whoever counts: metrics and alarms. It never logs and never waits for the observer.

/**
 * What must never happen with honest acceptors and bug-free proposers. Each one pages.
 *
 * - `forged`               a value whose MAC fails: one Redis lies, or its disk is damaged
 * - `implausible-ballot`   a ballot that no history of ours can have produced
 * - `clash`                two payloads at one ballot
 * - `forged-configuration` a configuration whose MAC fails
 * - `configuration-fork`   two configurations of one epoch
 */
export type SafetyAlarm =
  'forged' | 'implausible-ballot' | 'clash' | 'forged-configuration' | 'configuration-fork';

/** Labels are closed sets: no register id ever passes here. */
export interface StoreObserver {
  /** A round ended, in the phase named. */
  round(phase: 'prepare' | 'accept', outcome: 'won' | 'lost'): void;
  /** A phase was lost to another proposer's ballot. */
  conflict(): void;
  /** Registers read: by two equal replies, or only after a write-back. */
  reads(path: 'fast' | 'write-back', count: number): void;
  /** A change ended with OUTCOME_UNKNOWN. */
  unknown(): void;
  /** A newer configuration was adopted. */
  epoch(epoch: number): void;
  alarm(kind: SafetyAlarm, zone: string): void;
}

export const silentObserver: StoreObserver = {
  round: () => undefined,
  conflict: () => undefined,
  reads: () => undefined,
  unknown: () => undefined,
  epoch: () => undefined,
  alarm: () => undefined,
};
