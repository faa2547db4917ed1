// What an operator may ask of the region, by kind of request. Each kind is a file of its own; who may ask is decided by the
// frame server from the caller's certificate.
import type { AdminReplies } from '@zonehold/api-contract';
import type { RebuildController, RegisterStore } from '@zonehold/caspaxos';
import type { Clock, Deadline, Random } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import type { AccountRepository } from '../account-repository.ts';
import type { CryptoClient } from '../crypto-client.ts';
import type { ErasureRepository } from '../erasure/erasure-repository.ts';
import type { ApiKeyRepository } from '../identity/api-key-repository.ts';
import type { InstanceRepository } from '../instance-repository.ts';
import type { KeyIndex } from '../key-index.ts';
import type { KeyRepository } from '../key-repository.ts';
import type { KeyRingRepository } from '../key-ring-repository.ts';
import { parseAdminRequest, type AdminRequestOf } from './admin-request.ts';
import { addGrant } from './add-grant.ts';
import { createApiKey } from './create-api-key.ts';
import { createInstance } from './create-instance.ts';
import { deleteInstance } from './delete-instance.ts';
import { listApiKeys } from './list-api-keys.ts';
import { listErasures } from './list-erasures.ts';
import { listGrants } from './list-grants.ts';
import { listInstances } from './list-instances.ts';
import { openInstance } from './open-instance.ts';
import { removeGrant } from './remove-grant.ts';
import { replaceAcceptor } from './replace-acceptor.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { resumeInstance, suspendInstance } from './suspend-instance.ts';
import { zones } from './zones.ts';

/** Everything an administrative request may use. */
export interface AdminPorts {
  readonly store: RegisterStore;
  readonly rebuilds: Pick<
    RebuildController,
    'record' | 'replace' | 'lookAt' | 'isAt' | 'hasVote' | 'epoch'
  >;
  readonly accounts: AccountRepository;
  readonly instances: InstanceRepository;
  readonly keys: KeyRepository;
  readonly keyRings: KeyRingRepository;
  readonly index: KeyIndex;
  readonly apiKeys: ApiKeyRepository;
  readonly erasures: ErasureRepository;
  readonly crypto: CryptoClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
  readonly log: Log;
}

export interface AdminContext {
  readonly deadline: Deadline;
  readonly correlationId: string;
}

type Handlers = {
  readonly [Kind in keyof AdminReplies]: (
    ports: AdminPorts,
    request: AdminRequestOf<Kind>,
    context: AdminContext,
  ) => Promise<AdminReplies[Kind]>;
};

const handlers: Handlers = {
  'create-instance': createInstance,
  'list-instances': listInstances,
  'open-instance': openInstance,
  'create-api-key': createApiKey,
  'revoke-api-key': revokeApiKey,
  'list-api-keys': listApiKeys,
  'replace-acceptor': replaceAcceptor,
  'list-erasures': listErasures,
  'add-grant': addGrant,
  'remove-grant': removeGrant,
  'list-grants': listGrants,
  'suspend-instance': suspendInstance,
  'resume-instance': resumeInstance,
  'delete-instance': deleteInstance,
  zones,
};

/** Serves one administrative request. INVALID_ARGUMENT for a malformed one; otherwise fails as its handler does. */
export async function administer(
  ports: AdminPorts,
  body: unknown,
  context: AdminContext,
): Promise<AdminReplies[keyof AdminReplies]> {
  const request = parseAdminRequest(body);
  // The table pairs each kind with its request; TypeScript cannot see that through a union.
  const handle = handlers[request.kind] as (
    ports: AdminPorts,
    request: unknown,
    context: AdminContext,
  ) => Promise<AdminReplies[keyof AdminReplies]>;
  return handle(ports, request, context);
}
