// The region's token signing keys as one register: one active, one next, private halves sealed under the region root. Any
// zone's crypto-worker signs with them, so a lost zone loses nothing.
import type { CreateSigningKeyReply } from '@zonehold/api-contract';
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import type { CryptoClient, CryptoContext } from '../crypto-client.ts';
import { identityScope } from './api-key-repository.ts';

/** The value of the register. `next` is published before it ever signs. */
export interface SigningKeys {
  readonly active: CreateSigningKeyReply;
  readonly next: CreateSigningKeyReply;
}

export const signingKeysRegister: RegisterId = { scope: identityScope, name: 'signing-keys' };

export interface SigningKeysPorts {
  readonly store: RegisterStore;
  readonly crypto: CryptoClient;
}

/** The keys in a state that was read from their register. */
export function decodeSigningKeys(state: RegisterState | undefined): SigningKeys | undefined {
  const value = state?.value ?? null;
  return value === null ? undefined : (JSON.parse(value) as SigningKeys);
}

/** Makes the first keys. Whoever else made them meanwhile wins: all zones sign with the same. */
export async function createSigningKeys(
  { store, crypto }: SigningKeysPorts,
  context: CryptoContext,
): Promise<SigningKeys> {
  const [active, next] = await Promise.all([
    crypto.createSigningKey(context),
    crypto.createSigningKey(context),
  ]);
  const made: SigningKeys = { active, next };
  const { result } = await store.change<SigningKeys>(
    signingKeysRegister,
    (current) =>
      current === null
        ? { kind: 'write', value: JSON.stringify(made), summary: null, result: made }
        : { kind: 'keep', result: JSON.parse(current) as SigningKeys },
    context.deadline,
  );
  return result;
}
