// May this caller do this here? Reads the registers of the instance, its rings and the key together and decides on what they
// say now. Nothing about rights is ever kept between two operations (promise P2).
//
// Most callers have their roles in the instance, and that one read settles it. For everybody else the account and the rings are
// read too: whoever gets 401 has been looked up in every place, and an instance that does not exist takes as long as one that
// grants nothing.
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Caller } from '@zonehold/api-contract';
import {
  callerRoles,
  defaultKeyRingId,
  grantOf,
  guardedOf,
  isOriginAllowed,
  isUuidV4,
  mayInInstance,
  mayInRing,
  mayOnKey,
  noKeyRings,
  ringsAllowed,
  type CallerRoles,
  type Guarded,
  type KeyRecord,
  type KeyRings,
  type Origin,
  type Right,
} from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { accountRegister, isAccountId, type AccountRepository } from './account-repository.ts';
import { instanceRegister, type Instance, type InstanceRepository } from './instance-repository.ts';
import { keyRingRegister, type KeyRingRepository } from './key-ring-repository.ts';
import { keyRegister, type KeyRepository } from './key-repository.ts';
import type { OperationScope } from './operation-scope.ts';

export interface AccessPorts {
  readonly store: RegisterStore;
  readonly accounts: AccountRepository;
  readonly instances: InstanceRepository;
  readonly keys: KeyRepository;
  readonly keyRings: KeyRingRepository;
}

/** What is asked, by whom. */
export interface AccessRequest {
  readonly instanceId: string;
  /** Only when the operation is about one key, or makes one with this id. */
  readonly keyId: string | undefined;
  /** The ring that the request names. */
  readonly keyRingId: string | undefined;
  readonly caller: Pick<Caller, 'credentialId' | 'accountId'>;
  readonly right: Right;
  /** Where from. Undefined: the operation asks the instance's network policies itself. */
  readonly origin: Origin | undefined;
  readonly scope: OperationScope;
  /** False: nothing but a right may depend on which ring a key is in, and the read is smaller. */
  readonly isRingWanted: boolean;
}

/** The registers as they were at one moment each, given only to a caller who has the right. */
export interface Opened {
  readonly instance: Instance;
  /** Undefined when no key was asked for, or none was ever made. */
  readonly record: KeyRecord | undefined;
  /** None when they were not wanted. */
  readonly keyRings: KeyRings;
  readonly roles: CallerRoles;
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
  const record =
    keyState === undefined || keyId === undefined
      ? undefined
      : ports.keys.decode(instanceId, keyId, keyState);
  const keyRings =
    ringState === undefined ? noKeyRings : ports.keyRings.decode(instanceId, ringState);
  const own = callerRoles(caller.credentialId, instance?.grants, []);
  const isWelcome = origin === undefined || isOriginAllowed(instance?.policies, origin);
  if (instance !== undefined && isWelcome && mayInInstance(own, right)) {
    return { instance, record, keyRings, roles: own };
  }
  const rest = await readRest(ports, request, instance, deadline);
  if (instance === undefined || !isWelcome) return undefined;
  const opened = {
    ...{ instance, record, roles: rest.roles },
    keyRings: isRingWanted ? keyRings : rest.keyRings,
  };
  return isPermitted(request, opened, guardedOf(record)) ? opened : undefined;
}

/** What else may give a right: the instance's account, and the rings that a grant or a key may name. */
async function readRest(
  ports: AccessPorts,
  { instanceId, caller, isRingWanted }: AccessRequest,
  instance: Instance | undefined,
  deadline: Deadline,
): Promise<Pick<Opened, 'roles' | 'keyRings'>> {
  const { credentialId } = caller;
  const accountId = instance?.accountId ?? caller.accountId;
  const ids = isAccountId(accountId) ? [accountRegister(accountId)] : [];
  if (!isRingWanted) ids.push(keyRingRegister(instanceId));
  const states = ids.length === 0 ? [] : await ports.store.read(ids, deadline);
  const accountState = isAccountId(accountId) ? states[0] : undefined;
  const ringState = isRingWanted ? undefined : states.at(-1);
  const account =
    accountState === undefined ? undefined : ports.accounts.decode(accountId, accountState);
  const inAccount = grantOf(account?.grants, credentialId)?.roles ?? [];
  return {
    roles: callerRoles(credentialId, instance?.grants, inAccount),
    keyRings: ringState === undefined ? noKeyRings : ports.keyRings.decode(instanceId, ringState),
  };
}

/**
 * Whoever has the right in the ring that is named may learn that a key is not in it; whoever has it nowhere learns nothing, not
 * even whether there is such a key.
 */
function isPermitted(
  { right, scope, keyRingId }: Pick<AccessRequest, 'right' | 'scope' | 'keyRingId'>,
  { roles, keyRings }: Pick<Opened, 'roles' | 'keyRings'>,
  key: Guarded | undefined,
): boolean {
  switch (scope) {
    case 'instance':
      return mayInInstance(roles, right);
    case 'ring':
      return mayInRing(roles, right, keyRingId ?? defaultKeyRingId, keyRings);
    case 'rings': {
      if (keyRingId !== undefined) return mayInRing(roles, right, keyRingId, keyRings);
      const allowed = ringsAllowed(roles, right, keyRings);
      return allowed === 'all' || allowed.length > 0;
    }
    case 'key':
      return (
        (key !== undefined && mayOnKey(roles, right, key, keyRings)) ||
        mayInInstance(roles, right) ||
        (keyRingId !== undefined && mayInRing(roles, right, keyRingId, keyRings))
      );
  }
}

/** Why a caller may not do this to `key` as it is inside a round: it may have moved, or lost a grant, since it was opened. */
export function refuseOnKey(
  { right, keyRingId }: { readonly right: Right; readonly keyRingId: string | undefined },
  { roles, keyRings }: Pick<Opened, 'roles' | 'keyRings'>,
  key: Guarded | undefined,
): 'UNAUTHORIZED_ERR' | 'KEY_NOT_FOUND_ERR' | undefined {
  if (mayInInstance(roles, right)) return undefined;
  if (key !== undefined && mayOnKey(roles, right, key, keyRings)) return undefined;
  const isRingTheirs = keyRingId !== undefined && mayInRing(roles, right, keyRingId, keyRings);
  return isRingTheirs ? 'KEY_NOT_FOUND_ERR' : 'UNAUTHORIZED_ERR';
}
