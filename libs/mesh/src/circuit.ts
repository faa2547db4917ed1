// The port of a circuit: advice whether a zone's service is worth a call. It never removes a voter from a quorum.
// "Open" rejects calls, as an electrician says it.

export type CircuitState = 'closed' | 'half-open' | 'open';

/** `refused`: do not call. `probe`: the one call that a half-open circuit lets through. */
export type CircuitPermit = 'normal' | 'probe' | 'refused';

/** `ignored`: the outcome says nothing about the zone (made here, cancelled, or shed). */
export type CircuitOutcome = 'success' | 'failure' | 'ignored';

/** Every permit but `refused` must be reported exactly once. A report without a permit (panic) uses `normal`. */
export interface Circuit {
  readonly state: CircuitState;
  acquire(): CircuitPermit;
  report(permit: CircuitPermit, outcome: CircuitOutcome): void;
  close(): void;
}
