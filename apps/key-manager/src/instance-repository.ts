// Instances as registers: account, name, sealed instance key, and who may do what there. No rule about rights here.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import type { AppliedOperation, Grants, InstancePolicies } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { DecodeCache } from './decode-cache.ts';
import { changeRecord, type RecordDecision } from './record-change.ts';

/** An instance that exists. */
export interface Instance {
  readonly instanceId: string;
  readonly accountId: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly sealedInstanceKey: string;
  /** Of the whole instance and of its rings. At most `instanceGrantsMax`. */
  readonly grants: Grants;
  /** Present while it is suspended: whoever has rights in it is refused. */
  readonly suspendedAtMs?: number;
  /** Absent until one is set. */
  readonly policies?: InstancePolicies;
  /** The changes of policies that a repeat may still name, newest last; at most `policyOperationsMax`. */
  readonly policyOperations?: readonly AppliedOperation[];
}

/** What stays of a deleted instance: neither its key nor who might do what. */
export interface DeletedInstance {
  readonly instanceId: string;
  readonly accountId: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly deletedAtMs: number;
}

/** The value of an instance's register. */
export type InstanceRecord = Instance | DeletedInstance;

/** What a change of an instance wants. */
export type InstanceDecision<Result> = RecordDecision<Instance, Result>;

/** The register is read with every operation: about 350 bytes each. More than one person changes while a client retries. */
export const policyOperationsMax = 8;
/** Reads of one listing travel in trains of this size. */
const readBatchSize = 200;
const registerName = 'instance';

/** Its list is the index of instances: a name for each, also of one whose making failed after its name was noted. */
export const instanceIndexScope = 'instances';

/** The register of an instance. */
export function instanceRegister(instanceId: string): RegisterId {
  return { scope: instanceId, name: registerName };
}

/** Reads and changes instances. Fails as RegisterStore does, and with the codes below. */
export class InstanceRepository {
  readonly #store: RegisterStore;
  readonly #cache = new DecodeCache((text) => JSON.parse(text) as InstanceRecord);

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** The instance in a state that was read from its register. A deleted one is as if it had never been. */
  decode(instanceId: string, state: RegisterState): Instance | undefined {
    return living(this.#cache.decode(instanceId, state));
  }

  /** What the register holds, of deleted instances too. */
  async read(instanceId: string, deadline: Deadline): Promise<InstanceRecord | undefined> {
    const [state] = await this.#store.read([instanceRegister(instanceId)], deadline);
    return state === undefined ? undefined : this.#cache.decode(instanceId, state);
  }

  /**
   * Writes a new instance. Writing the same one twice is once; CONFLICT when the id belongs to another. Its name comes first: an
   * instance that is not in the index would be forgotten by all that is done by date.
   */
  async create(instance: Instance, deadline: Deadline): Promise<void> {
    await this.noteInIndex(instance.instanceId, deadline);
    const { instanceId, sealedInstanceKey } = instance;
    const isOurs = await changeRecord<InstanceRecord, boolean>(
      this.#store,
      instanceRegister(instanceId),
      (current) =>
        current === undefined
          ? { kind: 'write', record: instance, result: true }
          : { kind: 'keep', result: living(current)?.sealedInstanceKey === sealedInstanceKey },
      deadline,
    );
    if (!isOurs) throw new KmsError('CONFLICT', 'the instance id is taken');
  }

  /** Puts an instance into the index; once is enough. */
  async noteInIndex(instanceId: string, deadline: Deadline): Promise<void> {
    const id = { scope: instanceIndexScope, name: instanceId };
    const noted = { kind: 'write', value: '{}', summary: '{}', result: undefined } as const;
    const kept = { kind: 'keep', result: undefined } as const;
    await this.#store.change(id, (current) => (current === null ? noted : kept), deadline);
  }

  /** The ids of all instances, from the registers themselves. Scans. */
  async scanIds(deadline: Deadline): Promise<readonly string[]> {
    const found = await this.#store.scan(registerName, deadline);
    return found.filter(({ name }) => name === registerName).map(({ scope }) => scope);
  }

  /**
   * Changes an instance; gives what `decide` said on the value that was committed. `decide` is pure and may run several times;
   * undefined: there is none, or it is deleted.
   */
  change<Result>(
    instanceId: string,
    decide: (current: Instance | undefined) => RecordDecision<InstanceRecord, Result>,
    deadline: Deadline,
  ): Promise<Result> {
    return changeRecord<InstanceRecord, Result>(
      this.#store,
      instanceRegister(instanceId),
      (current) => decide(living(current)),
      deadline,
    );
  }

  /** The instances with these ids; NOT_FOUND names the first that does not exist. */
  async find(instanceIds: readonly string[], deadline: Deadline): Promise<readonly Instance[]> {
    const states = await this.#store.read(instanceIds.map(instanceRegister), deadline);
    return instanceIds.map((instanceId, at) => {
      const state = states[at];
      const instance = state === undefined ? undefined : this.decode(instanceId, state);
      if (instance === undefined) throw noInstance(instanceId);
      return instance;
    });
  }

  /** Every instance of the region. Scans: for operators only. */
  async list(deadline: Deadline): Promise<readonly Instance[]> {
    const ids = await this.scanIds(deadline);
    const instances: Instance[] = [];
    for (let at = 0; at < ids.length; at += readBatchSize) {
      const batch = ids.slice(at, at + readBatchSize);
      const states = await this.#store.read(batch.map(instanceRegister), deadline);
      states.forEach((state, inBatch) => {
        const instance = this.decode(batch[inBatch] ?? '', state);
        if (instance !== undefined) instances.push(instance);
      });
    }
    return instances;
  }
}

/** A record that is an instance, as opposed to nothing or to what stays of one. */
export function living(record: InstanceRecord | undefined): Instance | undefined {
  return record === undefined || 'deletedAtMs' in record ? undefined : record;
}

export function noInstance(instanceId: string): KmsError {
  return new KmsError('NOT_FOUND', `there is no instance ${instanceId}`);
}
