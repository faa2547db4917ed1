// A key's life: pure functions from a key, an input and a time to the next key or a refusal (reference §6, §7, §15-§17).
// Repeats are recognised before (repeat.ts), rights checked before; registrations are in registrations.ts.
import { refuseAction } from './action-table.ts';
import { hasAlias, nextAliasSerial } from './aliases.ts';
import { refuseSingleHanded, withoutAuthorization } from './dual-authorization.ts';
import type { KeyPolicies } from './key-policies.ts';
import type { RingName } from './key-rings.ts';
import { keyState, type Key, type KeyVersion, type PurgedKey, type TokenTail } from './key.ts';
import { aliasesMax, keyVersionsMax } from './limits.ts';
import type { DomainRefusal } from './refusal.ts';
import { keepOperations, type OperationStamp } from './repeat.ts';
import {
  actionWaitMs,
  purgeWaitMs,
  restoreWindowMs,
  rotationWaitMs,
  timeForKey,
} from './time-rules.ts';
import {
  applied,
  noted,
  refused,
  stamped,
  type PlainChange,
  type Transition,
} from './transition.ts';

export type { PlainChange, Transition } from './transition.ts';

/** What a create brings. The material is generated or imported, and sealed, before. */
export interface NewKey {
  readonly id: string;
  readonly instanceId: string;
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly aliases?: readonly string[];
  readonly isExtractable: boolean;
  readonly isImported: boolean;
  readonly keyRingId: string;
  /** Absent for `default`. */
  readonly keyRingNumber?: number;
  readonly createdBy: string;
  readonly expiresAtMs?: number;
  readonly sealedMaterial: string;
  /** Those inherited from the instance, or given instead of them. */
  readonly policies?: KeyPolicies;
  /** Absent: this key is the first of its token. */
  readonly tokenTail?: TokenTail;
  readonly stamp: OperationStamp;
}

export interface RotateInput extends PlainChange {
  /** A fresh UUID, and the new material sealed for it. */
  readonly versionId: string;
  readonly sealedMaterial: string;
  /** True when the client sent the material. */
  readonly hasPayload: boolean;
}

export interface DeleteInput extends PlainChange {
  readonly deletedBy: string;
}

const isoSeconds = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

/** Why a key with this expiration is not made: the date must be in the future (reference §5.1). */
export function refuseCreate(
  input: Pick<NewKey, 'expiresAtMs'>,
  nowMs: number,
): DomainRefusal | undefined {
  if (input.expiresAtMs === undefined || input.expiresAtMs > nowMs) return undefined;
  return {
    code: 'INVALID_FIELD_ERR',
    detail: 'a date in the future',
    target: { type: 'field', name: 'expirationDate' },
  };
}

/** A new key, Active at once; its first version has the key's own id (reference §6.2). Fails with `refuseCreate`'s code. */
export function createKey(input: NewKey, nowMs: number): Transition {
  const refusal = refuseCreate(input, nowMs);
  if (refusal !== undefined) return refused(refusal);
  const { stamp, sealedMaterial, tokenTail, ...described } = input;
  const creation = applied(stamp, 'create', nowMs);
  return {
    ok: true,
    key: {
      isPurged: false,
      ...described,
      state: keyState.active,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      lastActionAtMs: nowMs,
      versions: [{ versionId: input.id, createdAtMs: nowMs, sealedMaterial }],
      operations: [],
      ...(input.aliases === undefined ? {} : { aliasSerial: nextAliasSerial(undefined) }),
      creation,
      tokenTail: tokenTail ?? { n: 0, atMs: nowMs },
    },
  };
}

/**
 * Why `key` does not rotate at `nowMs`, in the order kind, state, material, hour (reference §7.6, §17).
 * To be asked before material is made; `rotateKey` asks again.
 */
export function refuseRotate(
  key: Key,
  hasPayload: boolean,
  nowMs: number,
): DomainRefusal | undefined {
  const refusal = refuseAction(key, 'rotate', nowMs);
  if (refusal !== undefined) return refusal;
  if (key.isImported && !hasPayload) return { code: 'KEY_PAYLOAD_REQ_ERR' };
  if (!key.isImported && hasPayload) {
    return {
      code: 'INVALID_QUERY_PARAM_ERR',
      detail: 'absent when a generated key is rotated',
      target: { type: 'query_param', name: 'payload' },
    };
  }
  const nextMs = (key.lastRotatedAtMs ?? Number.NEGATIVE_INFINITY) + rotationWaitMs;
  if (timeForKey(key, nowMs) < nextMs) {
    return { code: 'KEY_ROTATION_NOT_PERMITTED', detail: `not before ${isoSeconds(nextMs)}` };
  }
  if (key.versions.length < keyVersionsMax) return undefined;
  return { code: 'KEY_ROTATION_NOT_PERMITTED', detail: `the key has ${keyVersionsMax} versions` };
}

/** A new version in front; older ones stay for unwrap. State and expiration do not change (reference §15.2 note). */
export function rotateKey(key: Key, input: RotateInput, nowMs: number): Transition {
  const refusal = refuseRotate(key, input.hasPayload, nowMs);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  const { versionId, sealedMaterial } = input;
  return {
    ok: true,
    key: {
      ...stamped(key, input, 'rotate', atMs),
      lastRotatedAtMs: atMs,
      versions: [{ versionId, createdAtMs: atMs, sealedMaterial }, ...key.versions],
    },
  };
}

/** Active to Suspended (reference §7.7). */
export function disableKey(key: Key, input: PlainChange, nowMs: number): Transition {
  const refusal = refuseAction(key, 'disable', nowMs);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  return { ok: true, key: { ...stamped(key, input, 'disable', atMs), state: keyState.suspended } };
}

/** Suspended to Active, 30 s after the last action at the earliest (reference §7.7). */
export function enableKey(key: Key, input: PlainChange, nowMs: number): Transition {
  const refusal =
    refuseAction(key, 'enable', nowMs) ??
    refuseWithin(key.lastActionAtMs, actionWaitMs, key, nowMs);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  return { ok: true, key: { ...stamped(key, input, 'enable', atMs), state: keyState.active } };
}

/** To Destroyed: soft, restorable for 30 days (reference §16). State first, then the second person. */
export function deleteKey(key: Key, input: DeleteInput, nowMs: number): Transition {
  const refusal =
    refuseAction(key, 'delete', nowMs) ?? refuseSingleHanded(key, input.deletedBy, nowMs);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  return {
    ok: true,
    key: {
      ...withoutAuthorization(stamped(key, input, 'delete', atMs)),
      state: keyState.destroyed,
      deletedAtMs: atMs,
      deletedBy: input.deletedBy,
    },
  };
}

/** To another ring; the waits of the life cycle go on counting from where they did (reference §6.6). */
export function moveKey(
  key: Key,
  input: PlainChange & { readonly ring: RingName },
  nowMs: number,
): Transition {
  const refusal = refuseAction(key, 'patchRing', nowMs);
  if (refusal !== undefined) return refused(refusal);
  const moved: { -readonly [Member in keyof Key]: Key[Member] } = { ...key };
  delete moved.keyRingNumber;
  const atMs = timeForKey(key, nowMs);
  return { ok: true, key: noted({ ...moved, ...input.ring }, input, 'move', atMs) };
}

/** One alias more, which the caller has claimed with the key's next serial (aliases.ts). */
export function addAlias(
  key: Key,
  input: PlainChange & { readonly alias: string },
  nowMs: number,
): Transition {
  const refusal = refuseAction(key, 'createAlias', nowMs);
  if (refusal !== undefined) return refused(refusal);
  const { alias } = input;
  const aliases = key.aliases ?? [];
  if (aliases.includes(alias)) return refused({ code: 'KEY_ALIAS_NOT_UNIQUE_ERR' });
  if (aliases.length >= aliasesMax) {
    return refused({ code: 'KEY_ALIAS_LIMIT_ERR', detail: `at most ${aliasesMax}` });
  }
  const next = { ...key, aliases: [...aliases, alias], aliasSerial: nextAliasSerial(key) };
  return { ok: true, key: noted(next, input, 'create-alias', timeForKey(key, nowMs), alias) };
}

/** One alias less; it is free at once. */
export function removeAlias(
  key: Key,
  input: PlainChange & { readonly alias: string },
  nowMs: number,
): Transition {
  const refusal = refuseAction(key, 'deleteAlias', nowMs);
  if (refusal !== undefined) return refused(refusal);
  const { alias } = input;
  if (!hasAlias(key, alias)) return refused({ code: 'KEY_ALIAS_NOT_FOUND_ERR' });
  const next = { ...key, aliases: key.aliases?.filter((other) => other !== alias) ?? [] };
  return { ok: true, key: noted(next, input, 'delete-alias', timeForKey(key, nowMs), alias) };
}

/**
 * Destroyed to Active, whatever it was before (reference §27.2 #8), between 30 s and 30 days after the delete and not
 * past its expiration (§6.9).
 */
export function restoreKey(key: Key, input: PlainChange, nowMs: number): Transition {
  const refusal = refuseAction(key, 'restore', nowMs) ?? refuseRestoreTime(key, nowMs);
  if (refusal !== undefined) return refused(refusal);
  const living: { -readonly [Member in keyof Key]: Key[Member] } = { ...key };
  delete living.deletedAtMs;
  delete living.deletedBy;
  const atMs = timeForKey(key, nowMs);
  return { ok: true, key: { ...stamped(living, input, 'restore', atMs), state: keyState.active } };
}

function refuseRestoreTime(key: Key, nowMs: number): DomainRefusal | undefined {
  const deletedAtMs = key.deletedAtMs ?? key.updatedAtMs;
  const atMs = timeForKey(key, nowMs);
  if (atMs > deletedAtMs + restoreWindowMs) return { code: 'KEY_RESTORE_EXPIRED' };
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= atMs) {
    return { code: 'KEY_EXPIRED_ERR', detail: `it expired on ${isoSeconds(key.expiresAtMs)}` };
  }
  return refuseWithin(deletedAtMs, actionWaitMs, key, nowMs);
}

/** Destroyed to a tombstone, 4 hours after the delete at the earliest (reference §6.8). The material is gone with it. */
export function purgeKey(key: Key, input: PlainChange, nowMs: number): Transition<PurgedKey> {
  const refusal =
    refuseAction(key, 'purge', nowMs) ??
    refuseWithin(key.deletedAtMs ?? key.updatedAtMs, purgeWaitMs, key, nowMs);
  if (refusal !== undefined) return refused(refusal);
  const atMs = timeForKey(key, nowMs);
  return {
    ok: true,
    key: {
      isPurged: true,
      id: key.id,
      instanceId: key.instanceId,
      purgedAtMs: atMs,
      keyRingId: key.keyRingId,
      ...(key.keyRingNumber === undefined ? {} : { keyRingNumber: key.keyRingNumber }),
      operations: keepOperations(key.operations, applied(input.stamp, 'purge', atMs)),
      creation: key.creation,
      tokenTail: key.tokenTail,
    },
  };
}

/**
 * Takes the sealed material out of a Destroyed key whose restore window has closed (reference §16.1); ids and dates of its
 * versions stay, and so does the state. No client asks for it. `early`: not deleted, or not long enough. Twice is once.
 */
export function destroyMaterial(
  key: Key,
  nowMs: number,
): { readonly kind: 'destroyed' | 'already'; readonly key: Key } | { readonly kind: 'early' } {
  if (key.materialDestroyedAtMs !== undefined) return { kind: 'already', key };
  const { deletedAtMs } = key;
  const atMs = timeForKey(key, nowMs);
  // Later than the last moment of a restore: the key's own time can then never be back inside the window.
  if (deletedAtMs === undefined || atMs <= deletedAtMs + restoreWindowMs) return { kind: 'early' };
  return { kind: 'destroyed', key: { ...withoutMaterial(key), materialDestroyedAtMs: atMs } };
}

/** What is known of a key besides its material. */
export function withoutMaterial(key: Key): Key {
  const bare = ({ versionId, createdAtMs }: KeyVersion): KeyVersion => ({ versionId, createdAtMs });
  const [newest, ...older] = key.versions;
  return { ...key, versions: [bare(newest), ...older.map(bare)] };
}

function refuseWithin(
  sinceMs: number,
  waitMs: number,
  key: Key,
  nowMs: number,
): DomainRefusal | undefined {
  const leftMs = sinceMs + waitMs - timeForKey(key, nowMs);
  if (leftMs <= 0) return undefined;
  return {
    code: 'REQ_TOO_EARLY_ERR',
    detail: `the wait is ${duration(waitMs)}, of which ${duration(leftMs)} remain`,
  };
}

/** As the contract prints waits: `30s`, `4h0m0s`. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/** The first key of a token remembers which generation of it is the newest (see `TokenTail`). Changes no date. */
export function withTokenTail<Record extends Key | PurgedKey>(
  record: Record,
  tail: TokenTail,
): Record {
  return { ...record, tokenTail: tail };
}
