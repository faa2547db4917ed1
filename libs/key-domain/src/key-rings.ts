// The key rings of an instance: one record, so that the limit, the list and "does it exist" are decided in one place. Pure.
//
// A key is in the ring that its record names if that very ring exists, and in `default` if it does not. So a ring's end is one
// change of this record: its keys, and those that were on their way into it, are in `default` from that moment on, and no order of
// events leaves a key in a ring that is not there. Rings are told apart by number: one that is made again has another.
import { defaultKeyRingId, type AppliedOperation, type Key } from './key.ts';
import { keyRingsMax } from './limits.ts';
import type { DomainRefusal } from './refusal.ts';
import { keepOperations, type OperationStamp } from './repeat.ts';

/** One key ring besides `default`. */
export interface KeyRing {
  readonly id: string;
  /** Never given twice in an instance. */
  readonly number: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** The value of an instance's ring register; JSON-safe. */
export interface KeyRings {
  /** In the order of their making; `default` is not among them. */
  readonly rings: readonly KeyRing[];
  readonly lastNumber: number;
  /** Changes with the ring's id as subject, so that their repeats are recognised. */
  readonly operations: readonly AppliedOperation[];
}

/** What an instance has that never made a ring. */
export const noKeyRings: KeyRings = { rings: [], lastNumber: 0, operations: [] };

/** How a key or its summary names its ring. The number is absent for `default`. */
export type RingName = Pick<Key, 'keyRingId' | 'keyRingNumber'>;

export type KeyRingTransition =
  | { readonly ok: true; readonly rings: KeyRings }
  | { readonly ok: false; readonly refusal: DomainRefusal };

/** The ring with this id; undefined when there is none, and for `default`. */
export function findKeyRing({ rings }: KeyRings, id: string): KeyRing | undefined {
  return rings.find((ring) => ring.id === id);
}

/** How a key names the ring `id` as it is now; undefined when there is no such ring. */
export function nameKeyRing(rings: KeyRings, id: string): RingName | undefined {
  if (id === defaultKeyRingId) return { keyRingId: defaultKeyRingId };
  const ring = findKeyRing(rings, id);
  return ring === undefined ? undefined : { keyRingId: id, keyRingNumber: ring.number };
}

/**
 * The id of the ring that a key with this name is in. The two are read one after the other: a ring with a later number than any of
 * `rings` was made after those were read, and the key was put into it later still.
 */
export function keyRingOf(name: RingName, rings: KeyRings): string {
  const { keyRingId, keyRingNumber } = name;
  if (keyRingId === defaultKeyRingId) return defaultKeyRingId;
  const isLater = keyRingNumber !== undefined && keyRingNumber > rings.lastNumber;
  const isThere = isLater || findKeyRing(rings, keyRingId)?.number === keyRingNumber;
  return isThere ? keyRingId : defaultKeyRingId;
}

/** A ring more. KEY_RING_NOT_UNIQUE_ERR for one that exists, as `default` always does; KEY_RING_LIMIT_ERR. */
export function createKeyRing(
  rings: KeyRings,
  input: { readonly id: string; readonly createdBy: string; readonly stamp: OperationStamp },
  nowMs: number,
): KeyRingTransition {
  const { id, createdBy, stamp } = input;
  if (nameKeyRing(rings, id) !== undefined) return refused('KEY_RING_NOT_UNIQUE_ERR');
  if (rings.rings.length >= keyRingsMax) {
    return refused('KEY_RING_LIMIT_ERR', `at most ${keyRingsMax} besides ${defaultKeyRingId}`);
  }
  const number = rings.lastNumber + 1;
  return {
    ok: true,
    rings: {
      rings: [...rings.rings, { id, number, createdAtMs: nowMs, createdBy }],
      lastNumber: number,
      operations: keepOperations(rings.operations, {
        ...stamp,
        action: 'create-ring',
        subject: id,
        atMs: nowMs,
      }),
    },
  };
}

function refuseDelete(rings: KeyRings, id: string): DomainRefusal | undefined {
  if (id === defaultKeyRingId) return { code: 'KEY_RING_RESERVED_ERR' };
  return findKeyRing(rings, id) === undefined ? { code: 'KEY_RING_NOT_FOUND_ERR' } : undefined;
}

/** A ring less; what was in it is in `default` from now on. That nothing was, the caller has made sure. */
export function deleteKeyRing(
  rings: KeyRings,
  input: { readonly id: string; readonly stamp: OperationStamp },
  nowMs: number,
): KeyRingTransition {
  const { id, stamp } = input;
  const refusal = refuseDelete(rings, id);
  if (refusal !== undefined) return { ok: false, refusal };
  return {
    ok: true,
    rings: {
      rings: rings.rings.filter((ring) => ring.id !== id),
      lastNumber: rings.lastNumber,
      operations: keepOperations(rings.operations, {
        ...stamp,
        action: 'delete-ring',
        subject: id,
        atMs: nowMs,
      }),
    },
  };
}

function refused(code: DomainRefusal['code'], detail?: string): KeyRingTransition {
  return { ok: false, refusal: detail === undefined ? { code } : { code, detail } };
}
