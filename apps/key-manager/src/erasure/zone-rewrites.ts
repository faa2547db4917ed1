// One zone's AOF rewrites: at most one begun in ten minutes, shared by every erasure that waits for it. Rounds are counted in a
// register, so that the limit holds whichever key-manager acts; the decision is pure, and every step is a write over what was read.
import type { AofState } from '@zonehold/caspaxos-redis';

/** Issue 3: a rewrite forks Redis and writes everything once; more often would be felt. */
export const rewriteIntervalMs = 10 * 60_000;
/** A request that Redis never began is sent again: it may have been lost with the key-manager that sent it. */
const resendAfterMs = 30_000;

/** The value of register `erasure-zones/<zone>`. */
export interface ZoneRewrites {
  /** The newest round that was claimed. Everything read after the claim is newer than what waited for the round. */
  readonly round: number;
  /** The newest round that is over. */
  readonly finished: number;
  readonly finishedAtMs?: number;
  /** The acceptor that finished it: another incarnation in this zone may stand on an old disk. */
  readonly finishedSelf?: string;
  /** When a rewrite was last asked for, in any round. */
  readonly lastSentAtMs?: number;
  /** Of this round: who was asked, and how many rewrites it had begun before. */
  readonly sent?: {
    readonly self: string;
    readonly runId: string;
    readonly rewritesBefore: number;
  };
}

export const noRewrites: ZoneRewrites = { round: 0, finished: 0 };

/**
 * `write`: put `next` on record, then look again. `send`: put it on record, and whoever's write it was asks Redis. `wait`: nothing
 * can be done now, and why. `idle`: nothing is wanted.
 */
export type RewriteStep =
  | { readonly kind: 'write' | 'send'; readonly next: ZoneRewrites }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'idle' };

/**
 * The one next step of a zone. `look` must have been taken after `state` was read. `isWanted`: an erasure waits for a round later
 * than the finished one.
 */
export function nextRewriteStep(
  state: ZoneRewrites,
  look: AofState,
  isWanted: boolean,
  nowMs: number,
): RewriteStep {
  if (state.finished < state.round) return continueRound(state, look, nowMs);
  const isStranger = state.finishedSelf !== undefined && state.finishedSelf !== look.self;
  if (!isWanted && !isStranger) return { kind: 'idle' };
  const waitMs = waitOf(state, nowMs);
  if (waitMs > 0) return { kind: 'wait', reason: tooSoon(waitMs) };
  const { lastSentAtMs, finishedAtMs, finishedSelf } = state;
  return {
    kind: 'write',
    next: {
      round: state.round + 1,
      finished: state.finished,
      ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
      ...(finishedSelf === undefined ? {} : { finishedSelf }),
      ...(lastSentAtMs === undefined ? {} : { lastSentAtMs }),
    },
  };
}

function continueRound(state: ZoneRewrites, look: AofState, nowMs: number): RewriteStep {
  const { sent } = state;
  // One that is under way may have begun before the round was claimed: it proves nothing, and Redis begins no second.
  if (look.isRewriting) return { kind: 'wait', reason: 'its AOF is being rewritten' };
  if (sent === undefined) return send(state, look, nowMs);
  if (sent.self !== look.self || sent.runId !== look.runId) {
    // Redis was started again: whether the rewrite had ended nobody can say.
    return sendIfDue(state, look, nowMs, 'its Redis was restarted meanwhile');
  }
  if (look.rewrites <= sent.rewritesBefore) {
    const isLost = elapsedMs(state, nowMs) >= resendAfterMs;
    return isLost ? send(state, look, nowMs) : { kind: 'wait', reason: 'a rewrite was asked for' };
  }
  if (!look.isLastOk) return sendIfDue(state, look, nowMs, 'the last rewrite failed');
  const { round, lastSentAtMs = nowMs } = state;
  return {
    kind: 'write',
    next: { round, finished: round, finishedAtMs: nowMs, finishedSelf: look.self, lastSentAtMs },
  };
}

function send(state: ZoneRewrites, look: AofState, nowMs: number): RewriteStep {
  const { self, runId, rewrites: rewritesBefore } = look;
  return {
    kind: 'send',
    next: { ...state, lastSentAtMs: nowMs, sent: { self, runId, rewritesBefore } },
  };
}

function sendIfDue(
  state: ZoneRewrites,
  look: AofState,
  nowMs: number,
  problem: string,
): RewriteStep {
  const waitMs = waitOf(state, nowMs);
  if (waitMs <= 0) return send(state, look, nowMs);
  return { kind: 'wait', reason: `${problem}; ${tooSoon(waitMs)}` };
}

/** A clock that was wrong by more than the interval, in either direction, holds nothing up. */
function elapsedMs({ lastSentAtMs }: ZoneRewrites, nowMs: number): number {
  return lastSentAtMs === undefined ? Infinity : Math.abs(nowMs - lastSentAtMs);
}

function waitOf(state: ZoneRewrites, nowMs: number): number {
  return rewriteIntervalMs - elapsedMs(state, nowMs);
}

function tooSoon(waitMs: number): string {
  return `its AOF is rewritten once in ten minutes at most; the next is due in ${Math.ceil(waitMs / 1_000)} s`;
}

/** Why the zone's files may still hold something, for people who cannot look at its Redis. */
export function describeWait(state: ZoneRewrites, nowMs: number): string {
  if (state.finished < state.round) return 'a rewrite of its AOF is under way';
  const waitMs = waitOf(state, nowMs);
  return waitMs > 0 ? tooSoon(waitMs) : 'a rewrite of its AOF is due';
}
