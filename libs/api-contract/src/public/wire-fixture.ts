// For tests only: a key as it was made, and where and when its bodies are.
import { createKey, noKeyRings, type Key, type NewKey } from '@zonehold/key-domain';

export const createdMs = Date.UTC(2021, 3, 1, 10, 0, 0, 750);
export const stamp = {
  operationId: 'o',
  tokenKind: 'none',
  tokenValue: '',
  parametersHash: '',
} as const;
export const context = {
  region: 'us-south',
  accountId: 'a'.repeat(32),
  keyRings: noKeyRings,
  nowMs: createdMs,
};

/** A root key, made at `createdMs`, or one that differs by `over`. */
export function made(over: Partial<NewKey> = {}): Key {
  const result = createKey(
    {
      id: 'key-1',
      instanceId: 'instance-1',
      name: 'payroll',
      isExtractable: false,
      isImported: false,
      keyRingId: 'default',
      createdBy: 'iam-ServiceId-1',
      sealedMaterial: 'sealed',
      stamp,
      ...over,
    },
    createdMs,
  );
  if (!result.ok) throw new Error(result.refusal.code);
  return result.key;
}
