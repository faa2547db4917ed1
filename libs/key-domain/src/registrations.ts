// Registrations: which cloud resource a root key protects (reference §11). A registration exists by its own record. Pure.
//
// Its making must not pass unseen by a delete of the key, which is decided in another register:
// 1. Whoever makes or changes a registration writes its record first and then the key's, whose `registrationSerial` it raises. A
//    key that is not Active any more refuses that, the record is put back as it was, and nothing was promised.
// 2. A delete reads the key, then looks for registrations, then writes the key, and only over the serial that it read.
// So of the two one is refused, or the delete has seen the registration (docs/decisions/0017).
import { refuseAction } from './action-table.ts';
import type { AppliedOperation, Key, KeyVersion } from './key.ts';
import { descriptionLengthMax } from './limits.ts';
import type { DomainRefusal } from './refusal.ts';
import { keepOperations, keptOperationsMax } from './repeat.ts';
import { timeForKey } from './time-rules.ts';
import { applied, refused, type PlainChange, type Transition } from './transition.ts';

/** Our own bound: a delete looks through those of its key, and a purge erases each in a round of its own. */
export const registrationsPerKeyMax = 5_000;
/** The reference names none; this is for tags and short JSON, not for documents. */
export const registrationMetadataMaxChars = 512;

/** Of the operations that a key keeps. */
const keptNotesMax = keptOperationsMax / 2;

/** The rule that a registration's description breaks. An empty one takes it back. */
export function checkRegistrationDescription(text: string): string | undefined {
  return checkLength(text, descriptionLengthMax);
}

/** The rule that a service's own data break. */
export function checkRegistrationMetadata(text: string): string | undefined {
  return checkLength(text, registrationMetadataMaxChars);
}

function checkLength(text: string, maxChars: number): string | undefined {
  if (!text.isWellFormed()) return 'well-formed Unicode text';
  return text.length <= maxChars ? undefined : `at most ${maxChars} characters`;
}

/** A registration that exists. JSON-safe. */
export interface Registration {
  readonly isDeleted: false;
  readonly instanceId: string;
  readonly keyId: string;
  readonly resourceCrn: string;
  /** The version of the key that the resource is known to use. */
  readonly keyVersionId: string;
  /** While true the key is not deleted, whoever forces it. */
  readonly preventsKeyDeletion: boolean;
  readonly description?: string;
  /** The service's own, shown to services only. */
  readonly metadata?: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
  /** Counts the changes of this record, deletions too: never the same for two of its states. */
  readonly revision: number;
  /** What wrote this: a repeat of it goes on from here where the key has not taken note. */
  readonly writtenBy: AppliedOperation;
}

/** What stays of one: nothing of the resource. */
export interface DeletedRegistration {
  readonly isDeleted: true;
  readonly revision: number;
  /** Absent once it was erased with its key. */
  readonly writtenBy?: AppliedOperation;
  /** Present until every zone holds it so; absent in those that nobody erases. */
  readonly isErasing?: true;
}

/** The value of a registration's register. */
export type RegistrationRecord = Registration | DeletedRegistration;

/** What a service may say of a registration; absent: not said. */
export interface RegistrationWishes {
  readonly preventsKeyDeletion?: boolean;
  readonly description?: string;
  readonly metadata?: string;
  readonly keyVersionId?: string;
}

/** The revisions that a client will change: any that there is, or one of these. Absent: it does not care. */
export type WantedRevisions = 'any' | readonly number[];

/** Who writes, and by which request. */
export interface RegistrationAuthor {
  readonly operation: AppliedOperation;
  readonly iamId: string;
}

export type RegistrationTransition =
  | { readonly ok: true; readonly record: RegistrationRecord }
  | { readonly ok: false; readonly refusal: DomainRefusal };

/** A record that is a registration, as opposed to nothing or a tombstone. */
export function livingRegistration(
  record: RegistrationRecord | undefined,
): Registration | undefined {
  return record === undefined || record.isDeleted ? undefined : record;
}

/** One registration more, at the key's newest version. REGISTRATION_NOT_UNIQUE_ERR when the resource has one with this key. */
export function createRegistration(
  current: RegistrationRecord | undefined,
  input: {
    readonly key: Key;
    readonly resourceCrn: string;
    readonly wishes: RegistrationWishes;
    readonly author: RegistrationAuthor;
  },
  nowMs: number,
): RegistrationTransition {
  if (livingRegistration(current) !== undefined) {
    return refused({ code: 'REGISTRATION_NOT_UNIQUE_ERR' });
  }
  const { key, resourceCrn, wishes, author } = input;
  const { preventsKeyDeletion = false, description, metadata } = wishes;
  return {
    ok: true,
    record: {
      isDeleted: false,
      instanceId: key.instanceId,
      keyId: key.id,
      resourceCrn,
      keyVersionId: key.versions[0].versionId,
      preventsKeyDeletion,
      ...(description === undefined ? {} : { description }),
      ...(metadata === undefined ? {} : { metadata }),
      createdAtMs: nowMs,
      createdBy: author.iamId,
      updatedAtMs: nowMs,
      updatedBy: author.iamId,
      revision: (current?.revision ?? 0) + 1,
      writtenBy: author.operation,
    },
  };
}

/** What is wished is changed, the rest stays. REGISTRATION_NOT_FOUND_ERR, PRECONDITION_FAILED_ERR, KEY_VERSION_INVALID. */
export function updateRegistration(
  current: RegistrationRecord | undefined,
  input: {
    readonly key: Key;
    readonly wishes: RegistrationWishes;
    readonly wanted: WantedRevisions | undefined;
    readonly author: RegistrationAuthor;
  },
  nowMs: number,
): RegistrationTransition {
  const registration = livingRegistration(current);
  if (registration === undefined) return refused({ code: 'REGISTRATION_NOT_FOUND_ERR' });
  const { key, wishes, wanted, author } = input;
  if (wanted !== undefined && wanted !== 'any' && !wanted.includes(registration.revision)) {
    return refused({ code: 'PRECONDITION_FAILED_ERR' });
  }
  const refusal = refuseKeyVersion(key.versions, registration.keyVersionId, wishes.keyVersionId);
  if (refusal !== undefined) return refused(refusal);
  return {
    ok: true,
    record: {
      ...registration,
      ...wishes,
      updatedAtMs: Math.max(nowMs, registration.updatedAtMs),
      updatedBy: author.iamId,
      revision: registration.revision + 1,
      writtenBy: author.operation,
    },
  };
}

/** Newest first: a version that stands before the registered one is newer. */
function refuseKeyVersion(
  versions: readonly KeyVersion[],
  registeredId: string,
  wantedId: string | undefined,
): DomainRefusal | undefined {
  if (wantedId === undefined) return undefined;
  const placeOf = (id: string): number => versions.findIndex(({ versionId }) => versionId === id);
  const place = placeOf(wantedId);
  if (place === -1) return { code: 'KEY_VERSION_INVALID', detail: 'the key has no such version' };
  return place < placeOf(registeredId) ? undefined : { code: 'KEY_VERSION_INVALID' };
}

/** One registration less. REGISTRATION_NOT_FOUND_ERR. */
export function deleteRegistration(
  current: RegistrationRecord | undefined,
  writtenBy: AppliedOperation,
): RegistrationTransition {
  if (current === undefined || current.isDeleted) {
    return refused({ code: 'REGISTRATION_NOT_FOUND_ERR' });
  }
  return { ok: true, record: { ...erasedRegistration(current), writtenBy } };
}

/** What is left of a record whose key was purged. */
export function erasedRegistration({
  revision,
}: Pick<RegistrationRecord, 'revision'>): DeletedRegistration {
  return { isDeleted: true, revision: revision + 1 };
}

/** What takes the place of a record whose key then refused it: what was there before, under a new revision. */
export function withdrawnRegistration(
  written: RegistrationRecord,
  before: RegistrationRecord | undefined,
): RegistrationRecord {
  return before === undefined || before.isDeleted
    ? erasedRegistration(written)
    : { ...before, revision: written.revision + 1 };
}

/** How often registrations of a key were made or changed. */
export function registrationSerialOf(key: Pick<Key, 'registrationSerial'> | undefined): number {
  return key?.registrationSerial ?? 0;
}

/**
 * The key takes note that a registration was made or changed; only an Active root key does. Changes no date: it is no change of
 * its metadata.
 */
export function noteRegistration(
  key: Key,
  input: PlainChange & { readonly registration: string },
  nowMs: number,
): Transition {
  const refusal = refuseAction(key, 'register', nowMs);
  if (refusal !== undefined) return refused(refusal);
  const operation = applied(input.stamp, 'register', timeForKey(key, nowMs), input.registration);
  return {
    ok: true,
    key: {
      ...key,
      registrationSerial: registrationSerialOf(key) + 1,
      operations: keepNote(key.operations, operation),
    },
  };
}

/** The key takes note that a registration is gone: so that repeats are told apart. Any state will do. */
export function noteDeregistration(
  key: Key,
  input: PlainChange & { readonly registration: string },
  nowMs: number,
): Transition {
  const operation = applied(input.stamp, 'deregister', timeForKey(key, nowMs), input.registration);
  return { ok: true, key: { ...key, operations: keepNote(key.operations, operation) } };
}

/**
 * Services may register thousands of resources while a client tries its rotation again: of what a key keeps, half is left to other
 * changes. A registration that is no longer noted is still recognised by its own record's `writtenBy`.
 */
function keepNote(
  operations: readonly AppliedOperation[],
  note: AppliedOperation,
): readonly AppliedOperation[] {
  const notes = operations.filter(isNote);
  const surplus = new Set(notes.slice(0, Math.max(0, notes.length + 1 - keptNotesMax)));
  return keepOperations(
    operations.filter((operation) => !surplus.has(operation)),
    note,
  );
}

function isNote({ action }: AppliedOperation): boolean {
  return action === 'register' || action === 'deregister';
}

/** Why a key with these registrations is not deleted (reference §16.2, gates 5 and 6). Force does not overrule a retention. */
export function refuseProtected(
  registrations: { readonly isAny: boolean; readonly isRetained: boolean },
  isForced: boolean,
): DomainRefusal | undefined {
  if (registrations.isRetained) return { code: 'PREV_KEY_DEL_ERR' };
  return registrations.isAny && !isForced ? { code: 'PROTECTED_RESOURCE_ERR' } : undefined;
}
