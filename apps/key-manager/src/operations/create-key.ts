// create: makes a key, or finds the one that the same request made before (docs/decisions/0003). Material is generated or
// imported, and sealed, once before the Paxos round; the answer is made from the committed record. A create with policy
// overrides is the same with policies in its body, and for Managers.
import {
  fullKey,
  keyCollection,
  keyWithPayload,
  operationRow,
  terseKey,
  type ApiRefusal,
  type CreateKeyBody,
  type OperationReply,
  type TerseKeyBody,
} from '@zonehold/api-contract';
import {
  correlationTokenMs,
  createKey as makeKey,
  defaultKeyRingId,
  effectiveState,
  keyState,
  mayOnKey,
  nameKeyRing,
  nextAliasSerial,
  refuseCreate,
  withTokenTail,
  type Key,
  type KeyRecord,
  type RingName,
} from '@zonehold/key-domain';
import { assert } from '@zonehold/primitives';
import type { KeyDecision } from '../key-repository.ts';
import { keyIdOf } from '../key-id.ts';
import { newKeyPolicies, refuseByPolicies } from '../new-key-policies.ts';
import { sealNewMaterial, type SealedMaterial } from '../new-material.ts';
import {
  refuse,
  stampOf,
  wireContext,
  type CreateCall,
  type InstanceCall,
  type OperationPorts,
} from '../operation.ts';
import { revealPayload } from '../payload.ts';

type Created =
  { readonly ok: true; readonly key: Key } | { readonly ok: false; readonly refusal: ApiRefusal };

/** The id of the first key that this request's token makes. */
export function headIdOf(ports: OperationPorts, call: Pick<InstanceCall, 'request'>): string {
  return generatedIdOf(ports, call, 0);
}

/** 201 with the key, terse unless a representation was asked for (reference §5.3, §6.2); the same again for a repeat. */
export async function createKey(ports: OperationPorts, call: CreateCall): Promise<OperationReply> {
  const body = call.request.body as CreateKeyBody;
  const found = await findOrMake(ports, call, body);
  if (!found.ok) return refuse(found.refusal);
  const resource = await representation(ports, call, found.key);
  return { ok: true, status: 201, body: keyCollection([resource]) };
}

async function findOrMake(
  ports: OperationPorts,
  call: CreateCall,
  body: CreateKeyBody,
): Promise<Created> {
  const { head, headId, nowMs } = call;
  if (head === undefined) return makeOnce(ports, call, body, headId);
  if (call.request.token.kind !== 'correlation') return repeated(call, head);
  if (!isFresh(head, nowMs)) {
    // Asked before the tail moves: a create that is refused leaves no trace.
    const refusal = refuseNew(call, body);
    if (refusal !== undefined) return { ok: false, refusal };
  }
  const generation = await generationOf(ports, call, head);
  if (generation === 0) return repeated(call, head);
  const { instanceId } = call.instance;
  const keyId = generatedIdOf(ports, call, generation);
  const [record] = await ports.keys.read(instanceId, [keyId], call.deadline);
  return record === undefined ? makeOnce(ports, call, body, keyId) : repeated(call, record);
}

/** A correlation token means the same request for 60 s. Clocks of zones differ: "before" counts as fresh. */
function isFresh(head: KeyRecord, nowMs: number): boolean {
  return nowMs - head.tokenTail.atMs <= correlationTokenMs;
}

/** Which key of the token this request means: the newest while it is fresh, else the next, and all zones agree on it. */
async function generationOf(
  ports: OperationPorts,
  call: CreateCall,
  head: KeyRecord,
): Promise<number> {
  const { nowMs, headId, deadline } = call;
  if (isFresh(head, nowMs)) return head.tokenTail.n;
  const advance = (current: KeyRecord | undefined): KeyDecision<number> => {
    assert(current !== undefined, 'a register that was written is never empty again');
    if (isFresh(current, nowMs)) return { kind: 'keep', result: current.tokenTail.n };
    const n = current.tokenTail.n + 1;
    return { kind: 'write', record: withTokenTail(current, { n, atMs: nowMs }), result: n };
  };
  return ports.keys.change(call.instance.instanceId, headId, advance, deadline);
}

const ringNotFound: ApiRefusal = { code: 'KEY_RING_NOT_FOUND_ERR' };

/** Why no key is made of this request, besides what its repeat finds. */
function refuseNew(call: CreateCall, body: CreateKeyBody): ApiRefusal | undefined {
  if (ringOf(call) === undefined) return ringNotFound;
  return refuseCreate(body, call.nowMs) ?? refuseByPolicies(call, body);
}

/**
 * The ring that the header names, or `default`; undefined when there is none. One that is deleted while the key is being made
 * takes nothing with it: the key is in `default` then (key-domain's key-rings.ts).
 */
function ringOf({ request, keyRings }: InstanceCall): RingName | undefined {
  return nameKeyRing(keyRings, request.keyRingId ?? defaultKeyRingId);
}

const aliasTaken: ApiRefusal = { code: 'KEY_ALIAS_NOT_UNIQUE_ERR' };

/**
 * Claims the aliases for a key that will list them from its first moment; why not, when another key has one of them. Claims of a
 * key that is then not made are worth nothing: whoever wants the alias makes sure that it never will be.
 */
async function claimAliases(
  ports: OperationPorts,
  call: CreateCall,
  { aliases }: CreateKeyBody,
  keyId: string,
): Promise<ApiRefusal | undefined> {
  const { request, instance, nowMs, deadline } = call;
  const creation = { ...stampOf(request), action: 'create', atMs: nowMs } as const;
  const claim = { keyId, serial: nextAliasSerial(undefined), creation };
  for (const alias of aliases ?? []) {
    const wanted = { instanceId: instance.instanceId, alias, claim, nowMs };
    const claimed = await ports.aliases.claim(wanted, deadline);
    if (claimed === 'taken') return aliasTaken;
    if (claimed === 'beaten') return { code: 'CONTENTION_ERR' };
    // A claim that is stale belongs to a key that exists: the round finds it.
  }
  return undefined;
}

/** Seals material, then writes the key if its register is still empty; whoever was first made the key. */
async function makeOnce(
  ports: OperationPorts,
  call: CreateCall,
  body: CreateKeyBody,
  keyId: string,
): Promise<Created> {
  const { request, instance, nowMs, deadline } = call;
  const refusal = refuseNew(call, body);
  if (refusal !== undefined) return { ok: false, refusal };
  const ring = ringOf(call);
  if (ring === undefined) return { ok: false, refusal: ringNotFound };
  const { instanceId } = instance;
  const { payload, tokenMaterial, name, description, tags, aliases, isExtractable, expiresAtMs } =
    body;
  const seal = (): Promise<SealedMaterial> =>
    sealNewMaterial(ports, call, { instanceId, keyId, versionId: keyId }, body);
  // Material that does not open refuses the create, which must then claim nothing; any other is sealed only for a key with its aliases.
  const imported = tokenMaterial === undefined ? undefined : await seal();
  if (imported?.ok === false) return imported;
  const aliasRefusal = await claimAliases(ports, call, body, keyId);
  if (aliasRefusal !== undefined) return { ok: false, refusal: aliasRefusal };
  const policies = newKeyPolicies(ports, call, body);
  const sealed = imported ?? (await seal());
  if (!sealed.ok) return sealed;
  const made = makeKey(
    {
      id: keyId,
      instanceId,
      name,
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
      ...(aliases === undefined ? {} : { aliases }),
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      isExtractable,
      isImported: payload !== undefined || tokenMaterial !== undefined,
      ...ring,
      createdBy: request.caller.iamId,
      sealedMaterial: sealed.sealedMaterial,
      ...(policies === undefined ? {} : { policies }),
      stamp: stampOf(request),
    },
    nowMs,
  );
  if (!made.ok) return made;
  return ports.keys.change<Created>(
    instanceId,
    keyId,
    (current) =>
      current === undefined
        ? { kind: 'write', record: made.key, result: made }
        : { kind: 'keep', result: repeated(call, current) },
    deadline,
  );
}

/**
 * The answer when the register already holds a record. Its id derives from the token, so it was made by this token; what
 * can differ is the rest of the request, and only under an idempotency key: a correlation token is a hash of all of it.
 * A purged key is never made again, nor one that lost an alias before it was made. Of one that was moved to where its maker has
 * no right nothing is shown: a repeat is as any request after a lost right.
 */
function repeated({ request, roles, keyRings }: CreateCall, record: KeyRecord): Created {
  const isSame =
    request.token.kind !== 'idempotency-key' ||
    record.creation.parametersHash === request.token.parametersHash;
  if (record.isPurged && record.isNeverMade === true && isSame) {
    return { ok: false, refusal: aliasTaken };
  }
  if (record.isPurged || !isSame) {
    return { ok: false, refusal: { code: 'IDEMPOTENCY_MISMATCH_ERR' } };
  }
  const { right } = operationRow(request.operation);
  return mayOnKey(roles, right, record, keyRings)
    ? { ok: true, key: record }
    : { ok: false, refusal: { code: 'UNAUTHORIZED_ERR' } };
}

function generatedIdOf(
  ports: OperationPorts,
  { request }: Pick<InstanceCall, 'request'>,
  generation: number,
): string {
  const { instanceId, caller, token, operationId } = request;
  return keyIdOf(ports.idKey, {
    instanceId,
    credentialId: caller.credentialId,
    tokenKind: token.kind,
    tokenValue: token.kind === 'none' ? operationId : token.value,
    generation,
  });
}

/**
 * What the client reads. The key is committed by now, so nothing here may fail: a payload that cannot be shown is left
 * out, and the contract lets the client get it later (reference §5.3).
 */
async function representation(
  ports: OperationPorts,
  call: CreateCall,
  key: Key,
): Promise<TerseKeyBody> {
  const context = wireContext(ports, call);
  if (call.request.prefer !== 'representation') return terseKey(key, context);
  const isShown = key.isExtractable && effectiveState(key, call.nowMs) !== keyState.destroyed;
  if (!isShown) return fullKey(key, context);
  try {
    return keyWithPayload(key, context, await revealPayload(ports, call, key));
  } catch (error) {
    ports.log.warn('create.payload-withheld', { correlationId: call.request.correlationId, error });
    return fullKey(key, context);
  }
}
