// The waits and windows of the contract, and the one rule about clocks: a key's time never goes back.
import { keyState, type Key, type KeyState } from './key.ts';

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;
const dayMs = 24 * hourMs;

/** Between the last action and an enable or restore (reference §7.7, §6.9, §23). */
export const actionWaitMs = 30 * secondMs;
/** Between two rotations, counted from the last rotation and never from creation (reference §17, trap 14). */
export const rotationWaitMs = hourMs;
/** Between delete and the first moment of a purge (reference §16.1). */
export const purgeWaitMs = 4 * hourMs;
/** How long the first authorization of a deletion counts (reference §16.3). */
export const deletionAuthorizationMs = 7 * dayMs;
/** After delete, how long a restore is possible (reference §16.1). */
export const restoreWindowMs = 30 * dayMs;
/** A month of a rotation policy (reference §8.1). */
export const rotationMonthMs = 30 * dayMs;
/** After delete, when the purge happens by itself (reference §16.1). */
export const purgeScheduleMs = 90 * dayMs;

/**
 * The time that counts for `key`: `nowMs`, but never before what its register already says. Zones' clocks differ, so a
 * later change may be decided by a slower clock.
 */
export function timeForKey(
  key: Pick<Key, 'updatedAtMs' | 'lastActionAtMs' | 'materialDestroyedAtMs'>,
  nowMs: number,
): number {
  return Math.max(nowMs, key.updatedAtMs, key.lastActionAtMs, key.materialDestroyedAtMs ?? 0);
}

/**
 * The state a key is in at `nowMs`: an Active key whose expiration has passed is Deactivated (reference §15.1).
 * A Suspended one stays so: it "can only go to Active or Destroyed" (§15.3), and once enabled it is Deactivated.
 */
export function stateAt(state: KeyState, expiresAtMs: number | undefined, nowMs: number): KeyState {
  const isExpired = expiresAtMs !== undefined && expiresAtMs <= nowMs;
  return state === keyState.active && isExpired ? keyState.deactivated : state;
}

/** `stateAt` for a whole key. */
export function effectiveState(key: Key, nowMs: number): KeyState {
  return stateAt(key.state, key.expiresAtMs, timeForKey(key, nowMs));
}
