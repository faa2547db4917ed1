// Keys as registers: scope = instance, name = key/<id>. Encodes, decodes and keeps the list's summary in step.
// It decides nothing about keys: that is key-domain's.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import { packSummary, summaryOf, type Key, type KeyRecord } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { DecodeCache } from './decode-cache.ts';
import type { RecordDecision } from './record-change.ts';

/** Before the id in a key's register name. */
export const keyNamePrefix = 'key/';

/** What a change of a key wants. */
export type KeyDecision<Result> = RecordDecision<KeyRecord, Result>;

/** The register of a key. */
export function keyRegister(instanceId: string, keyId: string): RegisterId {
  return { scope: instanceId, name: keyNamePrefix + keyId };
}

/** Reads and changes keys. Fails as RegisterStore does; INTEGRITY when a register holds another key's record. */
export class KeyRepository {
  readonly #store: RegisterStore;
  readonly #cache = new DecodeCache((text) => JSON.parse(text) as KeyRecord);

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** The key in a state that was read from its register; undefined when it never existed. */
  decode(instanceId: string, keyId: string, state: RegisterState): KeyRecord | undefined {
    const record = this.#cache.decode(`${instanceId}/${keyId}`, state);
    if (record !== undefined) check(record, instanceId, keyId);
    return record;
  }

  /** The records of `keyIds`, each linearizable by itself, in the same order. */
  async read(
    instanceId: string,
    keyIds: readonly string[],
    deadline: Deadline,
  ): Promise<readonly (KeyRecord | undefined)[]> {
    const states = await this.#store.read(
      keyIds.map((keyId) => keyRegister(instanceId, keyId)),
      deadline,
    );
    return states.map((state, at) => this.decode(instanceId, keyIds[at] ?? '', state));
  }

  /**
   * Changes one key and returns what `decide` said on the value that was committed. `decide` is pure and may run several
   * times, on values other than the one read before.
   */
  async change<Result>(
    instanceId: string,
    keyId: string,
    decide: (current: KeyRecord | undefined) => KeyDecision<Result>,
    deadline: Deadline,
  ): Promise<Result> {
    const { result } = await this.#store.change<Result>(
      keyRegister(instanceId, keyId),
      (text) => {
        const current = text === null ? undefined : (JSON.parse(text) as KeyRecord);
        if (current !== undefined) check(current, instanceId, keyId);
        const decision = decide(current);
        if (decision.kind === 'keep') return decision;
        const { record, result: decided } = decision;
        const value = JSON.stringify(record);
        return { kind: 'write', value, summary: summaryTextOf(record), result: decided };
      },
      deadline,
    );
    return result;
  }
}

/** Purged keys leave the list; their register stays as a tombstone. */
function summaryTextOf(record: KeyRecord): string | null {
  return record.isPurged ? null : packSummary(summaryOf(record));
}

/** The store authenticates values with their place, so this fails only on a bug of ours. */
function check(record: KeyRecord, instanceId: string, keyId: string): void {
  if (record.id === keyId && record.instanceId === instanceId) return;
  throw new KmsError('INTEGRITY', 'a register holds the record of another key');
}

/** A record that is a key, as opposed to nothing or a tombstone. */
export function livingKey(record: KeyRecord | undefined): Key | undefined {
  return record === undefined || record.isPurged ? undefined : record;
}
