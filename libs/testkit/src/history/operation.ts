// What a client saw of one register: one record per operation, whatever the register is. Plain data, so that histories
// can be recorded against a simulator, an acceptor or a whole region, written to a file, and checked later.

/** Values that survive JSON. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/**
 * How an operation ended. `ok`: answered, a refusal included. `not-applied`: the service promised that it has no effect.
 * `unknown`: it may have taken effect, may do so at any later time, or never.
 */
export type RecordedOutcome = 'ok' | 'not-applied' | 'unknown';

/** One operation of one client on one register. */
export interface RecordedOperation<Input = Json, Output = Json> {
  /** Unique in its history. */
  readonly opId: string;
  readonly register: string;
  readonly input: Input;
  /** Present exactly when `outcome` is `ok`. */
  readonly output?: Output;
  /**
   * Times of one clock that never goes back, in any unit. Where two are equal, nothing is concluded: a return at 5 and a
   * call at 5 overlap.
   */
  readonly invokedAt: number;
  /** Infinity when the outcome is unknown. */
  readonly returnedAt: number;
  readonly outcome: RecordedOutcome;
}

/** The operations of each register by itself, in the order given: linearizability is local (Herlihy & Wing 1990). */
export function partitionByRegister<Operation extends { readonly register: string }>(
  operations: readonly Operation[],
): Map<string, Operation[]> {
  return Map.groupBy(operations, ({ register }) => register);
}
