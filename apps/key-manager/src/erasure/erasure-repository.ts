// Erasures as registers. Scope `erasure`: work to do now, one register for each key. Scope `erasure-later`: deleted keys whose
// material goes when their restore window has closed; apart, because work is looked for every few seconds and these wait for
// weeks. The lists of both scopes are the index: nothing is ever scanned.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import { restoreWindowMs, withoutMaterial, type Key } from '@zonehold/key-domain';
import { isKmsError, KmsError, type Deadline } from '@zonehold/primitives';
import {
  instanceItself,
  readSummary,
  summaryTextOf,
  type ErasureRecord,
  type ErasureSummary,
} from './erasure-record.ts';

export type ErasureScope = 'erasure' | 'erasure-later';

/** A line of a scope's list. `summary` undefined: voters differ, only the register says. */
export interface ListedErasure {
  readonly name: string;
  readonly summary: ErasureSummary | undefined;
}

/** A record and the very text it was read from: a later write happens only over that text. */
export interface ReadErasure {
  readonly scope: ErasureScope;
  readonly name: string;
  readonly text: string;
  readonly record: ErasureRecord;
}

export function erasureName(instanceId: string, keyId: string): string {
  return `${instanceId}/${keyId}`;
}

/** Fails as RegisterStore does. */
export class ErasureRepository {
  readonly #store: RegisterStore;

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** Must be on record before the tombstone can be. `isShownAgain`: repeats of the purge want to see the key. */
  async intendPurge(
    key: Key,
    nowMs: number,
    deadline: Deadline,
    isShownAgain: boolean,
  ): Promise<void> {
    const { instanceId, id: keyId } = key;
    const [newest] = withoutMaterial(key).versions;
    const asItWas: Key = { ...key, versions: [newest], operations: [] };
    await this.#intend(
      'erasure',
      {
        ...{ instanceId, keyId, kind: 'purge', requestedAtMs: nowMs, dueAtMs: nowMs },
        ...(isShownAgain ? { asItWas } : {}),
      },
      deadline,
    );
  }

  /** Must be on record before the instance's deletion can be. */
  intendInstance(instanceId: string, nowMs: number, deadline: Deadline): Promise<void> {
    const times = { requestedAtMs: nowMs, dueAtMs: nowMs };
    return this.#intend(
      'erasure',
      { instanceId, keyId: instanceItself, kind: 'instance', ...times },
      deadline,
    );
  }

  /** Must be on record before the deletion can be. */
  intendDeletion(key: Key, nowMs: number, deadline: Deadline): Promise<void> {
    return this.schedule(key, nowMs, nowMs + restoreWindowMs + 1, deadline);
  }

  /** Puts a deleted key into the calendar. */
  schedule(
    { instanceId, id: keyId }: Pick<Key, 'instanceId' | 'id'>,
    nowMs: number,
    dueAtMs: number,
    deadline: Deadline,
  ): Promise<void> {
    return this.#intend(
      'erasure-later',
      { instanceId, keyId, kind: 'deleted', requestedAtMs: nowMs, dueAtMs },
      deadline,
    );
  }

  /** A deleted key's time has come: from the calendar to the work, unless a purge has put it there already. */
  async open(record: ErasureRecord, deadline: Deadline): Promise<void> {
    await this.#store.change(
      { scope: 'erasure', name: erasureName(record.instanceId, record.keyId) },
      (current) => {
        const known = current === null ? undefined : (JSON.parse(current) as ErasureRecord);
        if (known !== undefined && known.closed === undefined) return kept;
        return { kind: 'write', ...textsOf(record), result: undefined };
      },
      deadline,
    );
  }

  /** The key that was purged, as long as its erasure is not closed. */
  async keyAsItWas(
    instanceId: string,
    keyId: string,
    deadline: Deadline,
  ): Promise<Key | undefined> {
    const name = erasureName(instanceId, keyId);
    const [erasure] = await this.read('erasure', [name], deadline);
    return erasure?.record.asItWas;
  }

  /** The lines of a scope, in no particular order. */
  async list(scope: ErasureScope, deadline: Deadline): Promise<readonly ListedErasure[]> {
    const view = await this.#store.list(scope, deadline);
    const listed: ListedErasure[] = [];
    for (let part = view.next(''); part !== undefined; part = view.next(part.lastName)) {
      part.visit((name, line) => {
        const summary = line === undefined ? undefined : readSummary(line.summary);
        listed.push({ name, summary });
      });
    }
    return listed;
  }

  /** Those of `names` that are on record and not closed. */
  async read(
    scope: ErasureScope,
    names: readonly string[],
    deadline: Deadline,
  ): Promise<readonly ReadErasure[]> {
    const ids = names.map((name): RegisterId => ({ scope, name }));
    const states = await this.#store.read(ids, deadline);
    return states.flatMap((state, at) => openOf(scope, names[at] ?? '', state));
  }

  /** Replaces the record that was read. False when another one has been written meanwhile: then nothing was done. */
  async replace(read: ReadErasure, next: ErasureRecord, deadline: Deadline): Promise<boolean> {
    const texts = textsOf(next);
    const { result } = await this.#store.change<boolean>(
      { scope: read.scope, name: read.name },
      (current) => {
        if (current === texts.value) return { kind: 'keep', result: true };
        if (current !== read.text) return { kind: 'keep', result: false };
        return { kind: 'write', ...texts, result: true };
      },
      deadline,
    );
    return result;
  }

  /**
   * Always a write, also over an intent that stands: whoever is about to withdraw that one must not succeed. The key itself has
   * not been touched when this fails, so a failure is `not-applied` even where the intent's own outcome is unknown.
   */
  async #intend(scope: ErasureScope, record: ErasureRecord, deadline: Deadline): Promise<void> {
    const id = { scope, name: erasureName(record.instanceId, record.keyId) };
    try {
      await this.#store.change(
        id,
        (current) => {
          const texts = textsOf(record);
          return current === texts.value ? kept : { kind: 'write', ...texts, result: undefined };
        },
        deadline,
      );
    } catch (error) {
      if (!isKmsError(error) || error.outcome === 'not-applied') throw error;
      throw new KmsError('UNAVAILABLE', 'the erasure could not be put on record', { cause: error });
    }
  }
}

const kept = { kind: 'keep', result: undefined } as const;

function textsOf(record: ErasureRecord): { value: string; summary: string | null } {
  return { value: JSON.stringify(record), summary: summaryTextOf(record) };
}

function openOf(
  scope: ErasureScope,
  name: string,
  { value: text }: RegisterState,
): readonly ReadErasure[] {
  if (text === null) return [];
  const record = JSON.parse(text) as ErasureRecord;
  return record.closed === undefined ? [{ scope, name, text, record }] : [];
}
