// Dual authorization (reference §16.3): one person sets a key for deletion, another deletes it within seven days. The key
// stays usable meanwhile. An authorization that lapsed is left where it is and counts for nothing.
import { refuseAction } from './action-table.ts';
import type { Key } from './key.ts';
import type { DomainRefusal } from './refusal.ts';
import { deletionAuthorizationMs, timeForKey } from './time-rules.ts';
import { noted, refused, type PlainChange, type Transition } from './transition.ts';

export interface SetForDeletionInput extends PlainChange {
  readonly authorizedBy: string;
}

/** An authorization that counts. */
export interface StandingAuthorization {
  readonly authorizedBy: string;
  /** From this moment on it has lapsed. */
  readonly expiresAtMs: number;
}

/** The authorization that stands at `nowMs`; undefined without one, and once it has lapsed. */
export function standingAuthorization(key: Key, nowMs: number): StandingAuthorization | undefined {
  if (key.deletionAuthorization === undefined) return undefined;
  const { authorizedBy, authorizedAtMs } = key.deletionAuthorization;
  const expiresAtMs = authorizedAtMs + deletionAuthorizationMs;
  return timeForKey(key, nowMs) < expiresAtMs ? { authorizedBy, expiresAtMs } : undefined;
}

/** The first of the two. Given again, by whomever, it is a new one: the newest counts, and its seven days. */
export function setForDeletion(key: Key, input: SetForDeletionInput, nowMs: number): Transition {
  const refusal = refuseAction(key, 'setForDeletion', nowMs) ?? refuseSingleAuth(key);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  const deletionAuthorization = { authorizedBy: input.authorizedBy, authorizedAtMs: atMs };
  return { ok: true, key: { ...noted(key, input, 'setForDeletion', atMs), deletionAuthorization } };
}

/** Takes the authorization back. Nothing to take back is no error. */
export function unsetForDeletion(key: Key, input: PlainChange, nowMs: number): Transition {
  const refusal = refuseAction(key, 'unsetForDeletion', nowMs) ?? refuseSingleAuth(key);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  return { ok: true, key: withoutAuthorization(noted(key, input, 'unsetForDeletion', atMs)) };
}

/** Why `deletedBy` alone may not delete `key`; undefined without the policy, and for the second of two persons. */
export function refuseSingleHanded(
  key: Key,
  deletedBy: string,
  nowMs: number,
): DomainRefusal | undefined {
  if (!isDualAuth(key)) return undefined;
  const standing = standingAuthorization(key, nowMs);
  if (standing !== undefined && standing.authorizedBy !== deletedBy) return undefined;
  const found =
    standing === undefined ? 'the key has none' : 'the one that the key has is your own';
  return {
    code: 'AUTHORIZATIONS_NOT_MET',
    detail: `1 prior authorization by another user is needed, and ${found}`,
  };
}

/** An authorization is used up by the deletion: a restored key needs a new one. */
export function withoutAuthorization(key: Key): Key {
  const free: { -readonly [Member in keyof Key]: Key[Member] } = { ...key };
  delete free.deletionAuthorization;
  return free;
}

function isDualAuth(key: Key): boolean {
  return key.policies?.dualAuthDelete?.isEnabled === true;
}

function refuseSingleAuth(key: Key): DomainRefusal | undefined {
  return isDualAuth(key) ? undefined : { code: 'NOT_DUAL_AUTH_ERR' };
}
