// The material of a new version, sealed by a crypto-worker: generated, brought in the clear, or brought with the instance's import
// token (reference §5.4, §10.3).
import type { ApiRefusal, MaterialBinding, TokenMaterial } from '@zonehold/api-contract';
import { usableImportToken } from '@zonehold/key-domain';
import type { InstanceCall, OperationPorts } from './operation.ts';

/** What a request says of the material: at most one of them. */
export interface GivenMaterial {
  readonly payload?: string;
  readonly tokenMaterial?: TokenMaterial;
}

export type SealedMaterial =
  | { readonly ok: true; readonly sealedMaterial: string }
  | { readonly ok: false; readonly refusal: ApiRefusal };

const refusalByReason = {
  undecipherable: { code: 'INCORRECT_NONCE_IV_ERR' },
  'other-nonce': { code: 'INCORRECT_NONCE_ERR' },
} as const satisfies Readonly<Record<string, ApiRefusal>>;

/** Seals for `binding`. Only material with a token is ever refused. Changes nothing. */
export async function sealNewMaterial(
  ports: OperationPorts,
  call: InstanceCall,
  binding: MaterialBinding,
  { payload, tokenMaterial }: GivenMaterial,
): Promise<SealedMaterial> {
  if (tokenMaterial !== undefined) return importMaterial(ports, call, binding, tokenMaterial);
  const { sealedInstanceKey } = call.instance;
  const sealed = await ports.crypto.sealMaterial(
    { sealedInstanceKey, binding, ...(payload === undefined ? {} : { material: payload }) },
    { deadline: call.deadline, correlationId: call.request.correlationId },
  );
  return { ok: true, ...sealed };
}

/**
 * Checked in this order: is there a token, has it expired, does its key open the material and the material the nonce, is it the
 * token's. An expired key opens nothing any more. How many retrievals are left does not matter.
 */
async function importMaterial(
  ports: OperationPorts,
  call: InstanceCall,
  binding: MaterialBinding,
  material: TokenMaterial,
): Promise<SealedMaterial> {
  const { instance, deadline, request, nowMs } = call;
  const { instanceId, sealedInstanceKey } = instance;
  const usable = usableImportToken(await ports.importTokens.read(instanceId, deadline), nowMs);
  if (!usable.ok) return usable;
  const { tokenId, sealedPrivateKey, nonce } = usable.token;
  const reply = await ports.crypto.importMaterial(
    { sealedInstanceKey, binding, tokenId, sealedPrivateKey, nonce, ...material },
    { deadline, correlationId: request.correlationId },
  );
  return reply.ok ? reply : { ok: false, refusal: refusalByReason[reply.reason] };
}
