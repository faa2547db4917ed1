// The key rings of an instance as one register: scope = instance, name = rings. Encodes and decodes; decides nothing.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import { noKeyRings, type KeyRings } from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { DecodeCache } from './decode-cache.ts';
import { changeRecord, type RecordDecision } from './record-change.ts';

/** What a change of the rings wants. */
export type KeyRingDecision<Result> = RecordDecision<KeyRings, Result>;

/** The register of an instance's key rings. */
export function keyRingRegister(instanceId: string): RegisterId {
  return { scope: instanceId, name: 'rings' };
}

/** Reads and changes key rings. Fails as RegisterStore does. */
export class KeyRingRepository {
  readonly #store: RegisterStore;
  readonly #cache = new DecodeCache((text) => JSON.parse(text) as KeyRings);

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** The rings in a state that was read from their register: none when it was never written. */
  decode(instanceId: string, state: RegisterState): KeyRings {
    return this.#cache.decode(instanceId, state) ?? noKeyRings;
  }

  async read(instanceId: string, deadline: Deadline): Promise<KeyRings> {
    const [state] = await this.#store.read([keyRingRegister(instanceId)], deadline);
    return state === undefined ? noKeyRings : this.decode(instanceId, state);
  }

  /** Changes the rings and returns what `decide` said on the value that was committed. `decide` is pure and may run again. */
  change<Result>(
    instanceId: string,
    decide: (current: KeyRings) => KeyRingDecision<Result>,
    deadline: Deadline,
  ): Promise<Result> {
    return changeRecord<KeyRings, Result>(
      this.#store,
      keyRingRegister(instanceId),
      (current) => decide(current ?? noKeyRings),
      deadline,
    );
  }
}
