// Is this request one that the key has already seen? Pure; runs inside the register's change function.
// What a replay is answered with is the caller's business: the answer is made from the committed record.
import type { AppliedOperation, KeyRecord, RepeatTokenKind } from './key.ts';

/** How many applied operations a register keeps: more than one client can retry within the age below. */
export const keptOperationsMax = 32;
/** How long they are kept: a day covers a client's queue of retries after an outage. */
export const keptOperationsMaxAgeMs = 24 * 3_600_000;
/** How long the same Correlation-Id and body mean the same request: covers the Go SDK's 4 retries (reference §25 #2). */
export const correlationTokenMs = 60_000;

/** The part of a request by which a repeat is recognised. */
export interface OperationStamp {
  readonly operationId: string;
  readonly tokenKind: RepeatTokenKind;
  readonly tokenValue: string;
  readonly parametersHash: string;
}

/**
 * - `new`: not seen; decide it.
 * - `replay`: applied before; answer from the record, change nothing.
 * - `mismatch`: the idempotency key belongs to another request, or to a key that was purged (IDEMPOTENCY_MISMATCH_ERR).
 */
export type RepeatVerdict =
  | { readonly kind: 'new' }
  | { readonly kind: 'replay'; readonly operation: AppliedOperation }
  | { readonly kind: 'mismatch' };

/** A record that knows what was done to it: a key's, an instance's key rings', its import token's, or its policies'. */
export type Repeatable = Pick<KeyRecord, 'operations'> &
  Partial<Pick<KeyRecord, 'creation' | 'isPurged'>>;

type Action = AppliedOperation['action'];

/** Changes that another change takes back: an old one is no answer to a new wish. */
const reversible: ReadonlySet<Action> = new Set<Action>([
  ...(['disable', 'enable', 'delete', 'restore', 'move'] as const),
  ...(['setPolicies', 'setForDeletion', 'unsetForDeletion'] as const),
  ...(['create-ring', 'delete-ring', 'create-alias', 'delete-alias'] as const),
  ...(['register', 'deregister'] as const),
]);

const isNew: RepeatVerdict = { kind: 'new' };

/**
 * Recognises a repeat of `action` on `record` (architecture §4 Operations).
 * The gateway's operation id always replays. An idempotency key replays as long as it is kept. A correlation token
 * replays for 60 s, and a reversible change only while no other reversible one was applied to the same subject after it: a client
 * that sends one Correlation-Id with everything must still be able to disable, enable and disable again. What takes nothing back
 * (a rotation, an expiration, a sync) does not count: by date it may follow an enable at once.
 */
export function recogniseRepeat(
  record: Repeatable,
  stamp: OperationStamp,
  action: Action,
  nowMs: number,
): RepeatVerdict {
  const { creation, operations } = record;
  const applied = creation === undefined ? operations : [creation, ...operations];
  const sameRequest = applied.find((entry) => entry.operationId === stamp.operationId);
  if (sameRequest !== undefined) return replayOf(record, sameRequest);
  if (stamp.tokenKind === 'none') return isNew;
  const last = applied.findLast(
    (entry) => entry.tokenKind === stamp.tokenKind && entry.tokenValue === stamp.tokenValue,
  );
  if (last === undefined) return isNew;
  const isEqual = last.parametersHash === stamp.parametersHash && last.action === action;
  if (stamp.tokenKind === 'idempotency-key') {
    return isEqual ? replayOf(record, last) : { kind: 'mismatch' };
  }
  if (!isEqual || nowMs - last.atMs > correlationTokenMs) return isNew;
  const newest = applied.findLast(
    (entry) => entry.subject === last.subject && reversible.has(entry.action),
  );
  const isOvertaken = reversible.has(action) && last !== newest;
  return isOvertaken ? isNew : replayOf(record, last);
}

function replayOf(record: Repeatable, operation: AppliedOperation): RepeatVerdict {
  // There is nothing left to answer a create of a purged key with, and it must never be made again.
  if (record.isPurged === true && operation.action !== 'purge') return { kind: 'mismatch' };
  return { kind: 'replay', operation };
}

/** `operations` with `added` at the end, cut to what is kept: the newest `max`. */
export function keepOperations<Operation extends AppliedOperation>(
  operations: readonly Operation[],
  added: Operation,
  max = keptOperationsMax,
): readonly Operation[] {
  const young = operations.filter((entry) => added.atMs - entry.atMs <= keptOperationsMaxAgeMs);
  return [...young, added].slice(-max);
}
