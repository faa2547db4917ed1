// May this caller do this here? Reads the registers of the instance, its rings and the key together and decides on what they
// say now.
// Nothing about rights is ever kept between two operations (promise P2).
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Caller } from '@zonehold/api-contract';
import {
  isAllowed,
  isOriginAllowed,
  isUuidV4,
  noKeyRings,
  type Key,
  type KeyRecord,
  type KeyRings,
  type Origin,
  type Right,
  type RoleName,
} from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { instanceRegister, type Instance, type InstanceRepository } from './instance-repository.ts';
import { keyRingRegister, type KeyRingRepository } from './key-ring-repository.ts';
import { keyRegister, livingKey, type KeyRepository } from './key-repository.ts';

export interface AccessPorts {
  readonly store: RegisterStore;
  readonly instances: InstanceRepository;
  readonly keys: KeyRepository;
  readonly keyRings: KeyRingRepository;
}

/** What is asked, by whom. `keyId` only when the operation is about one key, or makes one with this id. */
export interface AccessRequest {
  readonly instanceId: string;
  readonly keyId: string | undefined;
  readonly caller: Pick<Caller, 'credentialId'>;
  readonly right: Right;
  /** Where from. Undefined: the operation asks the instance's network policies itself. */
  readonly origin: Origin | undefined;
  /** False: nothing depends on which ring a key is in, and the read is smaller. */
  readonly isRingWanted: boolean;
}

/** The registers as they were at one moment each, given only to a caller who has the right. */
export interface Opened {
  readonly instance: Instance;
  /** Undefined when no key was asked for, or none was ever made. */
  readonly record: KeyRecord | undefined;
  /** None when they were not wanted. */
  readonly keyRings: KeyRings;
}

/**
 * Reads and decides; undefined without the right, or from where the instance lets nobody in. An unknown instance is no
 * different: it grants nothing.
 */
export async function open(
  ports: AccessPorts,
  request: AccessRequest,
  deadline: Deadline,
): Promise<Opened | undefined> {
  const { instanceId, keyId, caller, right, origin, isRingWanted } = request;
  // Other scopes hold other registers: nothing but an instance's id may become one.
  if (!isUuidV4(instanceId)) return undefined;
  const ids = [instanceRegister(instanceId)];
  if (keyId !== undefined) ids.push(keyRegister(instanceId, keyId));
  if (isRingWanted) ids.push(keyRingRegister(instanceId));
  const states = await ports.store.read(ids, deadline);
  const instanceState = states[0];
  const keyState = keyId === undefined ? undefined : states[1];
  const ringState = isRingWanted ? states.at(-1) : undefined;
  const instance =
    instanceState === undefined ? undefined : ports.instances.decode(instanceId, instanceState);
  if (instance === undefined) return undefined;
  const record =
    keyState === undefined || keyId === undefined
      ? undefined
      : ports.keys.decode(instanceId, keyId, keyState);
  if (!isPermitted(caller, right, instance, livingKey(record))) return undefined;
  if (origin !== undefined && !isOriginAllowed(instance.policies, origin)) return undefined;
  const keyRings =
    ringState === undefined ? noKeyRings : ports.keyRings.decode(instanceId, ringState);
  return { instance, record, keyRings };
}

/** Roles add up: those in the instance, and those given for the key alone (reference §19.3). */
export function isPermitted(
  caller: Pick<Caller, 'credentialId'>,
  right: Right,
  instance: Instance,
  key: Key | undefined,
): boolean {
  const { credentialId } = caller;
  const inInstance = rolesIn(instance.grants, credentialId)?.roles;
  if (inInstance !== undefined && isAllowed(inInstance, right)) return true;
  const onKey: readonly RoleName[] | undefined =
    key?.grants === undefined ? undefined : rolesIn(key.grants, credentialId);
  return onKey !== undefined && isAllowed(onKey, right);
}

/** Own members only: a credential named like a member of Object.prototype has no grant. */
function rolesIn<Grant>(
  grants: Readonly<Record<string, Grant>>,
  credentialId: string,
): Grant | undefined {
  return Object.hasOwn(grants, credentialId) ? grants[credentialId] : undefined;
}
