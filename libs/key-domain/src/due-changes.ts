// What time alone changes in a key: it expires, its policy rotates it, it is purged long after its deletion (reference §15.3,
// §16.1, §17). Which of them is next, and the change itself. Pure, and safe to try any number of times from anywhere: each is
// named by its date, and the date in the record moves on with the change.
import { keyState, type Key, type KeyRecord } from './key.ts';
import type { DomainRefusal } from './refusal.ts';
import type { OperationStamp } from './repeat.ts';
import { neverMs, summaryOf, type KeySummary } from './summary.ts';
import { purgeScheduleMs, stateAt, timeForKey } from './time-rules.ts';
import { noted, type Transition } from './transition.ts';
import { purgeKey, rotateKey } from './transitions.ts';

export type DueKind = 'expire' | 'rotate' | 'purge';

/** One change and the moment from which it is due. */
export interface DueChange {
  readonly kind: DueKind;
  readonly dueAtMs: number;
}

/** What a rotation needs that a pure function cannot make. */
export interface FreshVersion {
  /** A fresh UUID, and the new material sealed for it. */
  readonly versionId: string;
  readonly sealedMaterial: string;
}

/**
 * - `write`: the next record.
 * - `overtaken`: not due, or not any more: another has done it, or the key has changed.
 * - `refused`: due, and the key does not allow it.
 */
export type DueOutcome =
  | { readonly kind: 'write'; readonly record: KeyRecord }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'refused'; readonly refusal: DomainRefusal };

/**
 * The next change that time alone will bring, as far as a list knows; it may be long due. A key that has expired does not rotate
 * any more, however long that was due. Suspended keys neither expire nor rotate: they do when they are enabled.
 */
export function nextDue(summary: KeySummary, nowMs: number): DueChange | undefined {
  const { state, expiresAtMs, deletedAtMs, updatedAtMs } = summary;
  if (state === keyState.destroyed) {
    return { kind: 'purge', dueAtMs: (deletedAtMs ?? updatedAtMs) + purgeScheduleMs };
  }
  if (state !== keyState.active) return undefined;
  const expiry: DueChange | undefined =
    expiresAtMs === undefined ? undefined : { kind: 'expire', dueAtMs: expiresAtMs };
  if (stateAt(state, expiresAtMs, nowMs) === keyState.deactivated) return expiry;
  const rotation = rotationOf(summary);
  if (expiry === undefined || rotation === undefined) return expiry ?? rotation;
  return rotation.dueAtMs < expiry.dueAtMs ? rotation : expiry;
}

function rotationOf({ rotatesAtMs = neverMs }: KeySummary): DueChange | undefined {
  return rotatesAtMs === neverMs ? undefined : { kind: 'rotate', dueAtMs: rotatesAtMs };
}

/** True for a line that was written before lists held the date of a rotation: the key must be read, and written once more. */
export function isUndated({ rotatesAtMs, state, isExtractable, isImported }: KeySummary): boolean {
  const canRotate = !isExtractable && !isImported && state !== keyState.destroyed;
  return rotatesAtMs === undefined && canRotate;
}

type Apply = (key: Key, due: DueChange, fresh: FreshVersion, nowMs: number) => DueOutcome;

const applies: Readonly<Record<DueKind, Apply>> = {
  expire: (key, due, _fresh, nowMs) => ({ kind: 'write', record: expired(key, due, nowMs) }),
  rotate: (key, due, fresh, nowMs) =>
    outcomeOf(rotateKey(key, { ...fresh, stamp: stampOf(due), hasPayload: false }, nowMs)),
  purge: (key, due, _fresh, nowMs) => outcomeOf(purgeKey(key, { stamp: stampOf(due) }, nowMs)),
};

function outcomeOf(next: Transition<KeyRecord>): DueOutcome {
  return next.ok ? { kind: 'write', record: next.key } : { kind: 'refused', refusal: next.refusal };
}

/** Makes the change `due` of the key, if that is still what is next and its time has come. `fresh` is for a rotation only. */
export function applyDue(
  record: KeyRecord | undefined,
  due: DueChange,
  fresh: FreshVersion,
  nowMs: number,
): DueOutcome {
  if (record === undefined || record.isPurged) return { kind: 'overtaken' };
  const atMs = timeForKey(record, nowMs);
  const next = nextDue(summaryOf(record), atMs);
  const isDue = next?.kind === due.kind && next.dueAtMs === due.dueAtMs && due.dueAtMs <= atMs;
  return isDue ? applies[due.kind](record, due, fresh, nowMs) : { kind: 'overtaken' };
}

/**
 * Active to Deactivated, as it has counted since its expiration; that is also its date, whenever this runs. No wait of the life
 * cycle counts from it.
 */
function expired(key: Key, due: DueChange, nowMs: number): Key {
  const next = noted(key, { stamp: stampOf(due) }, 'expire', timeForKey(key, nowMs));
  const updatedAtMs = Math.max(key.updatedAtMs, due.dueAtMs);
  return { ...next, updatedAtMs, state: keyState.deactivated };
}

/** Whoever makes the change gives it this name. No client's request has one like it. */
function stampOf({ kind, dueAtMs }: DueChange): OperationStamp {
  return {
    operationId: `due/${kind}/${dueAtMs}`,
    tokenKind: 'none',
    tokenValue: '',
    parametersHash: '',
  };
}
