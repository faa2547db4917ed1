// One error class for operations that failed. Bugs are assertions; expected refusals are returned values.

/**
 * Why an operation failed. Closed: callers switch on it.
 *
 * - `UNAVAILABLE`        no quorum, or no endpoint could take the call
 * - `OUTCOME_UNKNOWN`    a write was sent and nobody can say whether it was applied
 * - `DEADLINE_EXCEEDED`  time ran out
 * - `CANCELLED`          nobody waits for the answer any more; the caller left, not the callee
 * - `OVERLOADED`         a limit on queues or calls in flight was met
 * - `CIRCUIT_OPEN`       the circuit to that zone's service rejects calls for now
 * - `LINK_LOST`          the connection broke or fell silent with the call in flight
 * - `IDENTITY_REFUSED`   the peer is of another region, or may not call this
 * - `PROTOCOL`           the peer sent what the protocol forbids
 * - `INTEGRITY`          stored or received data failed authentication
 * - `SEALED`             the root of trust is not available
 * - `INVALID_ARGUMENT`   an internal caller sent a bad value
 * - `NOT_FOUND`          an internal caller named a thing that does not exist
 * - `CONFLICT`           an internal caller asked for what the present state forbids
 * - `INTERNAL`           anything else; the cause is in the log
 */
export const kmsErrorCodes = [
  'UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'OVERLOADED',
  'CIRCUIT_OPEN',
  'LINK_LOST',
  'IDENTITY_REFUSED',
  'PROTOCOL',
  'INTEGRITY',
  'SEALED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'CONFLICT',
  'INTERNAL',
] as const;

export type KmsErrorCode = (typeof kmsErrorCodes)[number];

/** What a failed write left behind. Reads are always `not-applied`. */
export type Outcome = 'not-applied' | 'unknown';

/**
 * An operation that failed, with a code, and for writes whether it may have been applied.
 * `cause` is for logs and never crosses a wire.
 */
export class KmsError extends Error {
  override readonly name = 'KmsError';
  readonly code: KmsErrorCode;
  readonly outcome: Outcome;

  constructor(
    code: KmsErrorCode,
    message: string,
    options: { outcome?: Outcome; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome ?? (code === 'OUTCOME_UNKNOWN' ? 'unknown' : 'not-applied');
  }
}

/** True for a KmsError of any of `codes` (or any KmsError when none is given). */
export function isKmsError(error: unknown, ...codes: KmsErrorCode[]): error is KmsError {
  return error instanceof KmsError && (codes.length === 0 || codes.includes(error.code));
}
