// The port of a circuit: advice whether a zone's service is worth a call. It never removes a voter from a quorum.
// "Open" rejects calls, as an electrician says it.

export type CircuitState = 'closed' | 'half-open' | 'open';

/** `probe`: the one call that a half-open circuit lets through. `refused`: do not call; nothing is to be reported. */
export type CircuitPermit = 'normal' | 'probe' | 'refused';

/** `ignored`: the outcome says nothing about the zone (made here, cancelled, shed, or too little time). */
export type CircuitOutcome = 'success' | 'failure' | 'ignored';

/** Every permit but `refused` is reported exactly once, with the outcome of its call. */
export interface Circuit {
  readonly state: CircuitState;
  /** What `acquire` would say now, without taking it. */
  readonly isPassable: boolean;
  acquire(): CircuitPermit;
  report(permit: CircuitPermit, outcome: CircuitOutcome): void;
  close(): void;
}
