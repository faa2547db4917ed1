// The two sides of forgetting: asking a process of any zone over the mesh, and a key-manager's own answer. A crypto-worker's answer
// is its own (apps/crypto-worker, forget-material.ts).
import {
  cryptoWorkerMethods,
  forgottenKeysMax,
  keyManagerMethods,
  type ForgetMaterialReply,
  type ForgetMaterialRequest,
} from '@zonehold/api-contract';
import { isUuidV4 } from '@zonehold/key-domain';
import type { MeshClient } from '@zonehold/mesh';
import { KmsError, type Deadline } from '@zonehold/primitives';
import type { InstanceRepository } from '../instance-repository.ts';
import type { KeyRepository } from '../key-repository.ts';
import type { ForgottenKey, MaterialCaches } from './ports.ts';

const methods = {
  'crypto-worker': cryptoWorkerMethods.forgetMaterial,
  'key-manager': keyManagerMethods.forgetMaterial,
} as const;

/**
 * MaterialCaches over the mesh, until `signal` is aborted: the mesh is closed then. A process that is away is not asked elsewhere: its
 * cache is its own.
 */
export function createMaterialCaches(mesh: MeshClient, signal: AbortSignal): MaterialCaches {
  return {
    forget: async (service, zone, keys, deadline) => {
      if (signal.aborted) throw new KmsError('UNAVAILABLE', 'this process is ending');
      const body: ForgetMaterialRequest = { keys };
      const options = { deadline, retry: 'none', zone } as const;
      await mesh.call<ForgetMaterialReply>(service, methods[service], body, options);
    },
  };
}

/**
 * A key-manager keeps sealed records only, by ballot. Reading the registers puts what a majority holds now in the place of what was kept.
 * INVALID_ARGUMENT for a malformed body; else fails as RegisterStore does, and is asked again.
 */
export async function forgetRecords(
  { instances, keys }: { readonly instances: InstanceRepository; readonly keys: KeyRepository },
  body: unknown,
  deadline: Deadline,
): Promise<ForgetMaterialReply> {
  const byInstance = Map.groupBy(checked(body), ({ instanceId }) => instanceId);
  for (const [instanceId, meant] of byInstance) {
    const keyIds = meant.flatMap(({ keyId }) => keyId ?? []);
    if (keyIds.length < meant.length) await instances.read(instanceId, deadline);
    await keys.read(instanceId, keyIds, deadline);
  }
  return { dropped: 0 };
}

function checked(body: unknown): readonly ForgottenKey[] {
  const keys = (body as { readonly keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys) || keys.length > forgottenKeysMax || !keys.every(isForgottenKey)) {
    throw new KmsError('INVALID_ARGUMENT', 'keys is missing or malformed');
  }
  return keys;
}

function isForgottenKey(value: unknown): value is ForgottenKey {
  if (typeof value !== 'object' || value === null) return false;
  const { instanceId, keyId } = value as Readonly<Record<string, unknown>>;
  return (
    typeof instanceId === 'string' &&
    isUuidV4(instanceId) &&
    (keyId === undefined || (typeof keyId === 'string' && isUuidV4(keyId)))
  );
}
