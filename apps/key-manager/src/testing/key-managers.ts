// For tests only: key-managers of several zones as they are inside one process, over one replicated memory region: the
// real proposer and acceptors, the real operations, an honest cipher. Only sockets are missing.
import { createSecretKey } from 'node:crypto';
import type {
  AdminReplies,
  AdminRequest,
  ApiRefusal,
  KeyWithPayloadBody,
  OperationName,
  OperationReply,
  OperationRequest,
} from '@zonehold/api-contract';
import { RebuildController, type RegisterId, type RegisterStore } from '@zonehold/caspaxos';
import { systemTimers } from '@zonehold/caspaxos-redis';
import type { RoleName } from '@zonehold/key-domain';
import { Deadline, ManualClock, systemRandom, type Clock } from '@zonehold/primitives';
import { createLog } from '@zonehold/telemetry';
import {
  createHostDisks,
  createMemoryRegion,
  createMemoryStore,
  immediateTransport,
  memberOf,
  memoryPlace,
  type MemoryRegion,
} from '@zonehold/testkit';
import { AccountRepository } from '../account-repository.ts';
import { AliasRepository } from '../alias-repository.ts';
import { administer } from '../admin/admin.ts';
import { seedingIn } from '../admin/seeding.ts';
import { perform } from '../dispatch.ts';
import type { OpenRegion } from '../frame-methods.ts';
import { ErasureRepository } from '../erasure/erasure-repository.ts';
import { ApiKeyRepository } from '../identity/api-key-repository.ts';
import { ImportTokenRepository } from '../import-token-repository.ts';
import { InstanceRepository } from '../instance-repository.ts';
import { KeyIndex } from '../key-index.ts';
import { KeyRingRepository } from '../key-ring-repository.ts';
import { KeyRepository } from '../key-repository.ts';
import { RegistrationIndex } from '../registration-index.ts';
import { RegistrationRepository } from '../registration-repository.ts';
import { Turns } from '../turns.ts';
import { HonestCrypto } from './honest-crypto.ts';

export const region = 'us-south';
/** Two gateways share the first one. */
export const privatePorts = [8888, 8888, 8889];
export const issuer = 'urn:zonehold:c1:us-south';

export type Credential = AdminReplies['create-api-key'];

/** One zone's key-manager. */
export interface TestManager extends OpenRegion {
  readonly crypto: HonestCrypto;
}

export interface TestManagerOptions {
  readonly memory: MemoryRegion;
  readonly clock: Clock;
  readonly crypto: HonestCrypto;
  /** Put between the operations and the real store. */
  readonly decorate?: (store: RegisterStore) => RegisterStore;
  /** Of a development region. */
  readonly isDev?: boolean;
}

export function openManager(options: TestManagerOptions): TestManager {
  const { memory, clock, crypto, decorate, isDev = false } = options;
  const real = createMemoryStore({ clock, random: systemRandom, region: memory });
  const rebuilds = new RebuildController({
    ...{ store: real, clock, random: systemRandom, ...memoryPlace },
    disks: createHostDisks(immediateTransport(memory)),
    homes: memory.hosts.map(({ zone }) => memberOf(zone)),
    timers: systemTimers,
    observer: { step: () => undefined, record: () => undefined },
  });
  return managerOver({ store: decorate?.(real) ?? real, rebuilds, clock, crypto, isDev });
}

/** A key-manager on any store. */
export function managerOver(parts: {
  readonly store: RegisterStore;
  readonly rebuilds: RebuildController;
  readonly clock: Clock;
  readonly crypto: HonestCrypto;
  readonly isDev?: boolean;
}): TestManager {
  const { store, rebuilds, clock, crypto, isDev } = parts;
  const random = systemRandom;
  const log = createLog({ service: 'key-manager', zone: 'test', region, level: 'silent' });
  const instances = new InstanceRepository(store);
  const keys = new KeyRepository(store);
  const erasures = new ErasureRepository(store);
  const turns = new Turns(clock);
  const shared = {
    ...{ store, instances, erasures, crypto, clock, random, region, log },
    ...{ keys, keyRings: new KeyRingRepository(store), index: new KeyIndex(store, keys, turns) },
    accounts: new AccountRepository(store),
  };
  const registrations = new RegistrationRepository(store);
  const registrationIndex = new RegistrationIndex(store, registrations, turns);
  const idKey = createSecretKey(Buffer.alloc(32, 1));
  return {
    crypto,
    operations: {
      ...shared,
      aliases: new AliasRepository(store, keys),
      importTokens: new ImportTokenRepository(store),
      ...{ registrations, registrationIndex },
      ...{ turns, idKey, privatePorts },
    },
    identity: { store, crypto, clock, issuer, isDev: isDev === true },
    admin: {
      ...{ ...shared, apiKeys: new ApiKeyRepository(store), rebuilds, machineClock: clock },
      ...(isDev === true ? { seeding: seedingIn(store) } : {}),
    },
    stop: async () => {
      await rebuilds.stop();
      await store.close();
    },
  };
}

/** A region with two zones' key-managers, one instance, and whoever a test names. */
export interface TestRegion {
  readonly memory: MemoryRegion;
  readonly clock: ManualClock;
  readonly crypto: HonestCrypto;
  readonly here: TestManager;
  readonly elsewhere: TestManager;
  readonly instanceId: string;
  readonly manager: Credential;
  credential(...roles: RoleName[]): Promise<Credential>;
}

export async function startRegion(): Promise<TestRegion> {
  const memory = createMemoryRegion();
  const clock = new ManualClock();
  const crypto = new HonestCrypto();
  const here = openManager({ memory, clock, crypto });
  const elsewhere = openManager({ memory, clock, crypto });
  const { instanceId } = await admin<'create-instance'>(here, {
    kind: 'create-instance',
    name: 'demo',
  });
  const credential = (...roles: RoleName[]): Promise<Credential> =>
    admin<'create-api-key'>(here, {
      kind: 'create-api-key',
      name: roles.join('+'),
      grants: [{ instanceId, roles }],
    });
  const manager = await credential('Manager');
  return { memory, clock, crypto, here, elsewhere, instanceId, manager, credential };
}

/** One more key-manager of the region, which is held up before each of its changes until `before` is done. */
export function slowedManager(
  test: TestRegion,
  before: (id: RegisterId) => Promise<void>,
): TestManager {
  const decorate = (store: RegisterStore): RegisterStore => ({
    ...store,
    read: (ids, deadline) => store.read(ids, deadline),
    list: (scope, deadline) => store.list(scope, deadline),
    change: async (id, change, deadline) => {
      await before(id);
      return store.change(id, change, deadline);
    },
  });
  return openManager({ memory: test.memory, clock: test.clock, crypto: test.crypto, decorate });
}

export function admin<Kind extends AdminRequest['kind']>(
  { admin: ports }: TestManager,
  request: Extract<AdminRequest, { kind: Kind }>,
): Promise<AdminReplies[Kind]> {
  const deadline = Deadline.after(ports.clock, 5_000);
  const context = { deadline, correlationId: 'test' };
  return administer(ports, request, context) as Promise<AdminReplies[Kind]>;
}

let operationCount = 0;

/** A request as a gateway sends it: its own operation id, no token, and what the test says besides. */
export function requestOf(
  test: Pick<TestRegion, 'instanceId' | 'manager'>,
  operation: OperationName,
  members: Partial<OperationRequest> = {},
): OperationRequest {
  operationCount += 1;
  const { credentialId, iamId } = test.manager;
  return {
    operation,
    instanceId: test.instanceId,
    caller: { credentialId, iamId, accountId: 'a'.repeat(32) },
    correlationId: 'test',
    operationId: `operation-${operationCount}`,
    token: { kind: 'none', value: '', parametersHash: 'p' },
    clientAddress: '127.0.0.1',
    ...members,
  };
}

/** As another credential. */
export function callerOf({ credentialId, iamId }: Credential): OperationRequest['caller'] {
  return { credentialId, iamId, accountId: 'a'.repeat(32) };
}

export function send(manager: TestManager, request: OperationRequest): Promise<OperationReply> {
  const deadline = Deadline.after(manager.operations.clock, 5_000);
  return perform(manager.operations, request, deadline);
}

/** Every member that some answer has: a test reads those of its operation. */
export interface AnswerBody {
  readonly metadata: { readonly collectionTotal: number; readonly totalCount?: number };
  readonly resources: readonly [KeyWithPayloadBody, ...KeyWithPayloadBody[]];
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly keyVersion: { readonly id: string };
  readonly rewrappedKeyVersion: { readonly id: string };
}

/** The answer's parts that tests read; fails the test when it is a refusal. */
export interface Success {
  readonly status: number;
  readonly body: AnswerBody;
  readonly headers: Readonly<Record<string, string>>;
}

export function succeeded(reply: OperationReply): Success {
  if (!reply.ok) throw new Error(`refused: ${JSON.stringify(reply.refusal)}`);
  return { status: reply.status, body: reply.body as AnswerBody, headers: reply.headers ?? {} };
}

export function refusalOf(reply: OperationReply): ApiRefusal['code'] {
  if (reply.ok) throw new Error(`not refused: ${reply.status}`);
  return reply.refusal.code;
}

/** Creates a key and gives its id. */
export async function makeKey(
  test: TestRegion,
  body: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const create = requestOf(test, 'createKey', {
    body: { name: 'a key', isExtractable: false, ...body },
  });
  return succeeded(await send(test.here, create)).body.resources[0].id;
}

/** A credential of the region without any right in the test's instance. */
export async function stranger(test: TestRegion): Promise<Credential> {
  const { instanceId } = await admin<'create-instance'>(test.here, {
    kind: 'create-instance',
    name: 'elsewhere',
  });
  const grants = [{ instanceId, roles: ['Reader'] as const }];
  return admin<'create-api-key'>(test.here, { kind: 'create-api-key', name: 'guest', grants });
}
