// From an operation's name to the code that serves it, and the checks that all of them share, in the contract's order:
// rights, form, is the instance in use, does the key exist, its state. Each operation is a file in operations/.
import {
  operationRow,
  type OperationName,
  type OperationReply,
  type OperationRequest,
} from '@zonehold/api-contract';
import {
  checkAlias,
  isOriginAllowed,
  isUuidV4,
  nameKeyRing,
  refuseAction,
  type KeyAction,
} from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { open } from './access.ts';
import { refuseCallerKind } from './caller-kind.ts';
import { withHiddenToken } from './hidden-token.ts';
import { isMeant } from './key-change.ts';
import { livingKey } from './key-repository.ts';
import { scopeOf } from './operation-scope.ts';
import {
  originOf,
  refuse,
  type CreateCall,
  type InstanceCall,
  type KeyCall,
  type RecordCall,
  type OperationPorts,
} from './operation.ts';
import { countKeys } from './operations/count-keys.ts';
import { createKeyAlias } from './operations/create-key-alias.ts';
import { createKeyRing } from './operations/create-key-ring.ts';
import { createKey, headIdOf } from './operations/create-key.ts';
import { createRegistration } from './operations/create-registration.ts';
import { deleteKeyAlias } from './operations/delete-key-alias.ts';
import { deleteKeyRing } from './operations/delete-key-ring.ts';
import { deleteRegistration } from './operations/delete-registration.ts';
import { deleteOperation } from './operations/delete.ts';
import { disable } from './operations/disable.ts';
import { enable } from './operations/enable.ts';
import { eventAcknowledge } from './operations/event-acknowledge.ts';
import { getAllowedIpPort } from './operations/get-allowed-ip-port.ts';
import { getImportToken } from './operations/get-import-token.ts';
import { getInstancePolicy } from './operations/get-instance-policy.ts';
import { getKeyMetadata } from './operations/get-key-metadata.ts';
import { getKey } from './operations/get-key.ts';
import { getPolicy } from './operations/get-policy.ts';
import { getRegistrationsAllKeys } from './operations/get-registrations-all-keys.ts';
import { getRegistrations } from './operations/get-registrations.ts';
import { keyVersions } from './operations/key-versions.ts';
import { listKeyRings } from './operations/list-key-rings.ts';
import { listKeys } from './operations/list-keys.ts';
import { notImplemented } from './operations/not-implemented.ts';
import { patchKey } from './operations/patch-key.ts';
import { postImportToken } from './operations/post-import-token.ts';
import { putInstancePolicy } from './operations/put-instance-policy.ts';
import { putPolicy } from './operations/put-policy.ts';
import { purge } from './operations/purge.ts';
import { restore } from './operations/restore.ts';
import { rewrap } from './operations/rewrap.ts';
import { rotate } from './operations/rotate.ts';
import { setKeyForDeletion } from './operations/set-key-for-deletion.ts';
import { sync } from './operations/sync.ts';
import { unsetKeyForDeletion } from './operations/unset-key-for-deletion.ts';
import { updateRegistration } from './operations/update-registration.ts';
import { unwrap } from './operations/unwrap.ts';
import { wrap } from './operations/wrap.ts';

type Run<Call> = (ports: OperationPorts, call: Call) => Promise<OperationReply>;

/**
 * `key`: reads or uses one key that must exist; with `action` its state is checked here, without it by the operation itself.
 * `change`: changes such a key; whether it is where the request says, and its state, are checked inside the round, where a
 * repeat wins over both. `record`: about one key that may be purged.
 * `keys`: about all keys, or those of the ring that the header names, which must exist; an import token is asked for in a ring likewise
 * (reference §1.3). `instance`: about neither keys nor that ring.
 */
type Entry =
  | {
      readonly kind: 'instance' | 'keys';
      /** True: `run` itself asks the network policies, since a repeat wins over them. */
      readonly isOriginItsOwn?: boolean;
      readonly run: Run<InstanceCall>;
    }
  | { readonly kind: 'create'; readonly run: Run<CreateCall> }
  | { readonly kind: 'record'; readonly run: Run<RecordCall> }
  | { readonly kind: 'change'; readonly run: Run<KeyCall> }
  | { readonly kind: 'key'; readonly action?: KeyAction; readonly run: Run<KeyCall> };

/** What is served. Everything else of the contract is not-implemented.ts. */
const entries: Readonly<Partial<Record<OperationName, Entry>>> = {
  wrapKey: { kind: 'key', action: 'wrap', run: wrap },
  unwrapKey: { kind: 'key', action: 'unwrap', run: unwrap },
  rewrapKey: { kind: 'key', action: 'rewrap', run: rewrap },
  getKey: { kind: 'key', action: 'get', run: getKey },
  getKeyMetadata: { kind: 'key', action: 'metadata', run: getKeyMetadata },
  getKeyVersions: { kind: 'key', run: keyVersions },
  rotateKey: { kind: 'change', run: rotate },
  disableKey: { kind: 'change', run: disable },
  enableKey: { kind: 'change', run: enable },
  deleteKey: { kind: 'change', run: deleteOperation },
  purgeKey: { kind: 'record', run: purge },
  restoreKey: { kind: 'change', run: restore },
  patchKey: { kind: 'change', run: patchKey },
  setKeyForDeletion: { kind: 'change', run: setKeyForDeletion },
  unsetKeyForDeletion: { kind: 'change', run: unsetKeyForDeletion },
  putPolicy: { kind: 'change', run: putPolicy },
  getPolicy: { kind: 'key', action: 'readPolicies', run: getPolicy },
  createKey: { kind: 'create', run: createKey },
  createKeyWithPoliciesOverrides: { kind: 'create', run: createKey },
  getKeys: { kind: 'keys', run: listKeys },
  getKeyCollectionMetadata: { kind: 'keys', run: countKeys },
  createKeyAlias: { kind: 'change', run: createKeyAlias },
  deleteKeyAlias: { kind: 'change', run: deleteKeyAlias },
  getRegistrations: { kind: 'key', action: 'readRegistrations', run: getRegistrations },
  getRegistrationsAllKeys: { kind: 'keys', run: getRegistrationsAllKeys },
  createRegistration: { kind: 'change', run: createRegistration },
  updateRegistration: { kind: 'change', run: updateRegistration },
  replaceRegistration: { kind: 'change', run: updateRegistration },
  deleteRegistration: { kind: 'change', run: deleteRegistration },
  eventAcknowledge: { kind: 'instance', run: eventAcknowledge },
  syncAssociatedResources: { kind: 'change', run: sync },
  listKeyRings: { kind: 'instance', run: listKeyRings },
  createKeyRing: { kind: 'instance', run: createKeyRing },
  deleteKeyRing: { kind: 'instance', run: deleteKeyRing },
  postImportToken: { kind: 'keys', run: postImportToken },
  getImportToken: { kind: 'keys', run: getImportToken },
  putInstancePolicy: { kind: 'instance', isOriginItsOwn: true, run: putInstancePolicy },
  getInstancePolicy: { kind: 'instance', run: getInstancePolicy },
  getAllowedIpPort: { kind: 'instance', run: getAllowedIpPort },
};

const unauthorized = refuse({ code: 'UNAUTHORIZED_ERR' });
const ringNotFound = refuse({ code: 'KEY_RING_NOT_FOUND_ERR' });
const instanceSuspended = refuse({ code: 'INSTANCE_SUSPENDED_ERR' });
const keyNotFound = refuse({ code: 'KEY_NOT_FOUND_ERR' });

/**
 * Serves one operation. Answers and refusals are returned; KmsErrors of the store and of crypto-workers are thrown with
 * their code and outcome, and travel to the gateway as they are.
 */
export async function perform(
  ports: OperationPorts,
  received: OperationRequest,
  deadline: Deadline,
): Promise<OperationReply> {
  const { operation, instanceId, caller } = received;
  const { right, effect } = operationRow(operation);
  const request = effect === 'changes' ? withHiddenToken(ports.idKey, received) : received;
  const entry = entries[operation];
  const keyId =
    entry?.kind === 'create'
      ? headIdOf(ports, { request })
      : await keyIdIn(ports, request, deadline);
  // Wrap and unwrap show nothing of a key: its ring matters to them only when the caller names one, or has the right there alone.
  const isRingWanted = effect !== 'crypto' || request.keyRingId !== undefined;
  // A refusal must not show somebody from outside that the right is there.
  const isOriginItsOwn =
    entry?.kind === 'instance' && entry.isOriginItsOwn === true && request.refusal === undefined;
  const origin = isOriginItsOwn ? undefined : originOf(request);
  const scope = scopeOf(operation);
  const { keyRingId } = request;
  const asked = { instanceId, keyId, keyRingId, caller, right, scope, origin, isRingWanted };
  const opened = await open(ports, asked, deadline);
  if (opened === undefined) return unauthorized;
  const refusal = refuseCallerKind(request) ?? request.refusal;
  if (refusal !== undefined) return refuse(refusal);
  const { instance, record, keyRings, roles } = opened;
  if (instance.suspendedAtMs !== undefined) {
    return isOriginAllowed(instance.policies, originOf(request)) ? instanceSuspended : unauthorized;
  }
  const nowMs = ports.clock.wallMs();
  const call: InstanceCall = { request, instance, keyRings, roles, deadline, nowMs };
  if (entry === undefined) return notImplemented;
  if (entry.kind === 'record') return entry.run(ports, { ...call, keyId: keyId ?? '', record });
  if (entry.kind === 'change' || entry.kind === 'key') {
    const key = livingKey(record);
    if (key === undefined) return keyNotFound;
    if (entry.kind === 'change') return entry.run(ports, { ...call, key });
    if (!isMeant(key, call)) return keyNotFound;
    const unfit = entry.action && refuseAction(key, entry.action, call.nowMs);
    return unfit === undefined ? entry.run(ports, { ...call, key }) : refuse(unfit);
  }
  if (entry.kind === 'create')
    return entry.run(ports, { ...call, headId: keyId ?? '', head: record });
  const isRingMissing =
    request.keyRingId !== undefined && nameKeyRing(keyRings, request.keyRingId) === undefined;
  return entry.kind === 'keys' && isRingMissing ? ringNotFound : entry.run(ports, call);
}

/** The key that a path means. Anything but a UUID is an alias: of the key that claimed it last, whose record says if it has it. */
async function keyIdIn(
  ports: OperationPorts,
  { instanceId, keyRef }: OperationRequest,
  deadline: Deadline,
): Promise<string | undefined> {
  if (keyRef === undefined) return undefined;
  if (isUuidV4(keyRef)) return keyRef.toLowerCase();
  // Nothing but an instance's id and an alias may become a register's name.
  if (!isUuidV4(instanceId) || checkAlias(keyRef) !== undefined) return undefined;
  return ports.aliases.keyIdOf(instanceId, keyRef, deadline);
}
