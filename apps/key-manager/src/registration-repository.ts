// Registrations as registers: scope = registrations:<instance>, name = <key>/<digest of the resource's CRN>. A scope of their own,
// so that lists of keys do not go through them; in it those of one key stand together. Decides nothing.
import { createHash } from 'node:crypto';
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import type { Registration, RegistrationRecord } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import type { RecordDecision } from './record-change.ts';

/** What a change of a registration wants. */
export type RegistrationDecision<Result> = RecordDecision<RegistrationRecord, Result>;

/** What the list holds of one: enough to select and count. */
export interface RegistrationSummary {
  readonly resourceCrn: string;
  readonly preventsKeyDeletion: boolean;
}

/** The scope of an instance's registrations. */
export function registrationScope(instanceId: string): string {
  return `registrations:${instanceId}`;
}

/** Before the digest in the names of a key's registrations. */
export function registrationPrefix(keyId: string): string {
  return `${keyId}/`;
}

/** The name of a registration in its scope. CRNs are longer than names may be. */
export function registrationName(keyId: string, resourceCrn: string): string {
  const digest = createHash('sha256').update(resourceCrn, 'utf8').digest('base64url');
  return registrationPrefix(keyId) + digest;
}

/** The register of a registration. */
export function registrationRegister(instanceId: string, name: string): RegisterId {
  return { scope: registrationScope(instanceId), name };
}

/** Reads and changes registrations. Fails as RegisterStore does; INTEGRITY when a register holds another resource's record. */
export class RegistrationRepository {
  readonly #store: RegisterStore;

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** The records of `names`, each linearizable by itself, in the same order. */
  async read(
    instanceId: string,
    names: readonly string[],
    deadline: Deadline,
  ): Promise<readonly (RegistrationRecord | undefined)[]> {
    const states = await this.#store.read(
      names.map((name) => registrationRegister(instanceId, name)),
      deadline,
    );
    return states.map(({ value }, at) =>
      value === null ? undefined : decode(instanceId, names[at] ?? '', value),
    );
  }

  /** Changes one; gives what `decide` said on the value that was committed. `decide` is pure and may run several times. */
  async change<Result>(
    instanceId: string,
    name: string,
    decide: (current: RegistrationRecord | undefined) => RegistrationDecision<Result>,
    deadline: Deadline,
  ): Promise<Result> {
    const { result } = await this.#store.change<Result>(
      registrationRegister(instanceId, name),
      (text) => {
        const decision = decide(text === null ? undefined : decode(instanceId, name, text));
        if (decision.kind === 'keep') return decision;
        const value = JSON.stringify(decision.record);
        const summary = summaryTextOf(decision.record);
        return { kind: 'write', value, summary, result: decision.result };
      },
      deadline,
    );
    return result;
  }
}

/** Reads a line of the list; undefined for what nobody but a liar can have written: the register knows better. */
export function readRegistrationSummary(text: string): RegistrationSummary | undefined {
  try {
    const { c, p } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof c === 'string' ? { resourceCrn: c, preventsKeyDeletion: p === 1 } : undefined;
  } catch {
    return undefined;
  }
}

/** Of a record that was read from its register. */
export function registrationSummaryOf(registration: Registration): RegistrationSummary {
  const { resourceCrn, preventsKeyDeletion } = registration;
  return { resourceCrn, preventsKeyDeletion };
}

/** Short member names: each change writes this text once more. */
function summaryTextOf(record: RegistrationRecord): string | null {
  // Listed, and yet no registration: the erasure must find it.
  if (record.isDeleted) return record.isErasing === true ? '{}' : null;
  return JSON.stringify({ c: record.resourceCrn, p: record.preventsKeyDeletion ? 1 : 0 });
}

/** The store authenticates values with their place, so this fails only on a bug of ours. */
function decode(instanceId: string, name: string, text: string): RegistrationRecord {
  const record = JSON.parse(text) as RegistrationRecord;
  const isOurs =
    record.isDeleted ||
    (record.instanceId === instanceId &&
      registrationName(record.keyId, record.resourceCrn) === name);
  if (isOurs) return record;
  throw new KmsError('INTEGRITY', 'a register holds the record of another registration');
}
