// What an operation is given and what it answers. Types, and the answers that several operations share.
import type { KeyObject } from 'node:crypto';
import type {
  ApiRefusal,
  OperationReply,
  OperationRequest,
  WireContext,
} from '@zonehold/api-contract';
import type {
  CallerRoles,
  Key,
  KeyRecord,
  KeyRings,
  OperationStamp,
  Origin,
} from '@zonehold/key-domain';
import type { Clock, Deadline, Random } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import type { AccessPorts } from './access.ts';
import type { AliasRepository } from './alias-repository.ts';
import type { CryptoClient } from './crypto-client.ts';
import type { ErasureRepository } from './erasure/erasure-repository.ts';
import type { ImportTokenRepository } from './import-token-repository.ts';
import type { Instance } from './instance-repository.ts';
import type { KeyIndex } from './key-index.ts';
import type { RegistrationIndex } from './registration-index.ts';
import type { RegistrationRepository } from './registration-repository.ts';
import type { Turns } from './turns.ts';

/** Everything an operation may use. */
export interface OperationPorts extends AccessPorts {
  readonly region: string;
  /** Where clients reach the region on its private endpoint, zone by zone; none without one. */
  readonly privatePorts: readonly number[];
  readonly index: KeyIndex;
  readonly aliases: AliasRepository;
  readonly importTokens: ImportTokenRepository;
  readonly registrations: RegistrationRepository;
  readonly registrationIndex: RegistrationIndex;
  readonly turns: Turns;
  readonly crypto: CryptoClient;
  readonly erasures: ErasureRepository;
  readonly idKey: KeyObject;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** One call of a caller who has the right, well formed. */
export interface InstanceCall {
  readonly request: OperationRequest;
  readonly instance: Instance;
  /** As they were read with the instance. None for crypto operations that name no ring. */
  readonly keyRings: KeyRings;
  /** What gave the right: the instance's own roles, or everything that the caller has anywhere. */
  readonly roles: CallerRoles;
  readonly deadline: Deadline;
  /** Wall time, taken once for the whole operation. */
  readonly nowMs: number;
}

/** A call about a key that exists. */
export interface KeyCall extends InstanceCall {
  readonly key: Key;
}

/** A call that makes a key: `head` is what the register of its first possible id holds. */
export interface CreateCall extends InstanceCall {
  readonly headId: string;
  readonly head: KeyRecord | undefined;
}

/**
 * A call about a key that may be gone: its first request may be answered by what its repeat finds. `keyId` is empty when
 * the reference is no UUID.
 */
export interface RecordCall extends InstanceCall {
  readonly keyId: string;
  readonly record: KeyRecord | undefined;
}

export const noContent: OperationReply = { ok: true, status: 204 };

export function refuse(refusal: ApiRefusal): OperationReply {
  return { ok: false, refusal };
}

/** For a key whose material was destroyed: every use of it is refused as the contract refuses a deleted key's. */
export const keyDeleted: OperationReply = refuse({ code: 'KEY_DELETED_ERR' });

/** Where and when, for bodies made from a key. */
export function wireContext(ports: OperationPorts, call: InstanceCall): WireContext {
  const { instance, keyRings, nowMs } = call;
  return { region: ports.region, accountId: instance.accountId, keyRings, nowMs };
}

/** Where a request came from. */
export function originOf({ clientAddress, network = 'public', caller }: OperationRequest): Origin {
  return { address: clientAddress, network, isService: caller.service !== undefined };
}

/** By what a register recognises this request when it comes again. */
export function stampOf({ operationId, token, caller }: OperationRequest): OperationStamp {
  return {
    operationId,
    tokenKind: token.kind,
    // A client's own token counts for its credential only; a correlation token already contains the credential.
    tokenValue:
      token.kind === 'idempotency-key' ? `${caller.credentialId}/${token.value}` : token.value,
    parametersHash: token.parametersHash,
  };
}
