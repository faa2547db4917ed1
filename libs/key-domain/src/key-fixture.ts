// Keys for this package's own tests. Not exported.
import { createKey, type NewKey } from './transitions.ts';
import type { Key } from './key.ts';
import type { OperationStamp } from './repeat.ts';

/** Noon of a day, in epoch milliseconds. */
export const startMs = Date.UTC(2026, 2, 1, 12);

let counter = 0;

/** A stamp that nothing else has; no token unless given. */
export function freshStamp(over: Partial<OperationStamp> = {}): OperationStamp {
  counter += 1;
  return {
    operationId: `op-${counter}`,
    tokenKind: 'none',
    tokenValue: '',
    parametersHash: '',
    ...over,
  };
}

/** A generated root key made at `startMs`. */
export function madeKey(over: Partial<NewKey> = {}): Key {
  const made = createKey(
    {
      id: '4c7e1a52-0d0f-4a8e-9b63-6f9d2a1b7c10',
      instanceId: '0b7e64d2-55a1-4c52-8d9e-2f6f1c3a9e44',
      name: 'payroll',
      isExtractable: false,
      isImported: false,
      keyRingId: 'default',
      createdBy: 'iam-ServiceId-1',
      sealedMaterial: 'sealed',
      stamp: freshStamp(),
      ...over,
    },
    startMs,
  );
  if (!made.ok) throw new Error(made.refusal.code);
  return made.key;
}
