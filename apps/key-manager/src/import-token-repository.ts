// The import token of an instance as one register: scope = instance, name = import-token. Encodes and decodes; decides nothing.
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import type { ImportTokenRecord } from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { changeRecord, type RecordDecision } from './record-change.ts';

/** What a change of the token wants. */
export type ImportTokenDecision<Result> = RecordDecision<ImportTokenRecord, Result>;

/** The register of an instance's import token. */
export function importTokenRegister(instanceId: string): RegisterId {
  return { scope: instanceId, name: 'import-token' };
}

/** Reads and changes import tokens. Fails as RegisterStore does. Nothing is kept between two requests: they are rare. */
export class ImportTokenRepository {
  readonly #store: RegisterStore;

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** The token as it is now; undefined when none was ever made. */
  async read(instanceId: string, deadline: Deadline): Promise<ImportTokenRecord | undefined> {
    const [state] = await this.#store.read([importTokenRegister(instanceId)], deadline);
    const text = state?.value ?? null;
    return text === null ? undefined : (JSON.parse(text) as ImportTokenRecord);
  }

  /** Changes the token and returns what `decide` said on the value that was committed. `decide` is pure and may run again. */
  change<Result>(
    instanceId: string,
    decide: (current: ImportTokenRecord | undefined) => ImportTokenDecision<Result>,
    deadline: Deadline,
  ): Promise<Result> {
    return changeRecord(this.#store, importTokenRegister(instanceId), decide, deadline);
  }
}
