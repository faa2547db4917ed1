// When may a failed attempt be made again, and does its failure speak against the zone? Tables, pure.
import type { KmsErrorCode } from '@zonehold/primitives';
import type { CircuitOutcome } from './circuit.ts';
import type { LinkAnswer } from './link.ts';
import type { CallOptions } from './ports.ts';

interface CodeRule {
  /** Would another zone, or another try, help? */
  readonly isRetried: boolean;
  /** What the code, said by a peer or after bytes were sent, tells of the zone. */
  readonly circuit: CircuitOutcome;
}

/**
 * A peer that refuses what was asked is a healthy peer. OVERLOADED is ignored: to open a circuit for it would push the whole
 * load onto the other zones. DEADLINE_EXCEEDED and CANCELLED count only when the attempt had a fair time (`fairTimeMs`): callers with
 * little patience must not hide a zone that never answers. Nor may they drive anybody out of a zone that answers others: CANCELLED counts only when
 * nothing at all was answered meanwhile.
 */
const codeRules: Readonly<Record<KmsErrorCode, CodeRule>> = {
  UNAVAILABLE: { isRetried: true, circuit: 'failure' },
  OUTCOME_UNKNOWN: { isRetried: true, circuit: 'ignored' },
  DEADLINE_EXCEEDED: { isRetried: true, circuit: 'failure' },
  CANCELLED: { isRetried: false, circuit: 'failure' },
  OVERLOADED: { isRetried: true, circuit: 'ignored' },
  CIRCUIT_OPEN: { isRetried: true, circuit: 'ignored' },
  LINK_LOST: { isRetried: true, circuit: 'failure' },
  SEALED: { isRetried: true, circuit: 'failure' },
  IDENTITY_REFUSED: { isRetried: false, circuit: 'failure' },
  PROTOCOL: { isRetried: false, circuit: 'failure' },
  INTERNAL: { isRetried: false, circuit: 'failure' },
  INTEGRITY: { isRetried: false, circuit: 'success' },
  INVALID_ARGUMENT: { isRetried: false, circuit: 'success' },
  NOT_FOUND: { isRetried: false, circuit: 'success' },
  CONFLICT: { isRetried: false, circuit: 'success' },
};

/** An attempt that had less than this and ran out says more about its caller's deadline than about the zone. */
const fairTimeMs = 250;

/** Whether the failed attempt may be repeated, by its code, its outcome and what the caller allows. */
export function mayRetry(answer: LinkAnswer, retry: CallOptions['retry']): boolean {
  if (answer.kind === 'reply' || retry === 'none') return false;
  const { code, outcome } = answer.error;
  return codeRules[code].isRetried && (retry === 'always' || outcome === 'not-applied');
}

/**
 * What an attempt that was given `timeoutMs` and ended after `tookMs` tells circuit and balancer. `hasAnsweredMeanwhile`: the peer answered
 * another call since this one began. Failures made on this side before anything was sent tell nothing (trap 4).
 */
export function circuitOutcome(
  answer: LinkAnswer,
  timeoutMs: number,
  tookMs: number = timeoutMs,
  hasAnsweredMeanwhile = false,
): CircuitOutcome {
  if (answer.kind === 'reply') return 'success';
  if (!answer.wasSent) return 'ignored';
  const { code } = answer.error;
  const isUnfair =
    (code === 'DEADLINE_EXCEEDED' && timeoutMs < fairTimeMs) ||
    (code === 'CANCELLED' && (tookMs < fairTimeMs || hasAnsweredMeanwhile));
  return isUnfair ? 'ignored' : codeRules[code].circuit;
}
