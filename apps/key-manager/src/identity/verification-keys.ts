// The public halves of the signing keys, for gateways. Makes the keys when the region has none yet.
import type {
  CreateSigningKeyReply,
  JsonWebKeyWithId,
  VerificationKeysReply,
} from '@zonehold/api-contract';
import type { CryptoContext } from '../crypto-client.ts';
import type { IdentityPorts } from './issue-token.ts';
import { createSigningKeys, decodeSigningKeys, signingKeysRegister } from './signing-keys.ts';

/** Active and next, and the issuer whose tokens they verify. Fails as RegisterStore and CryptoClient do. */
export async function verificationKeys(
  ports: IdentityPorts,
  context: CryptoContext,
): Promise<VerificationKeysReply> {
  const [state] = await ports.store.read([signingKeysRegister], context.deadline);
  const { active, next } = decodeSigningKeys(state) ?? (await createSigningKeys(ports, context));
  return { issuer: ports.issuer, keys: [publicKeyOf(active), publicKeyOf(next)] };
}

function publicKeyOf({ kid, publicJwk }: CreateSigningKeyReply): JsonWebKeyWithId {
  const { kty, crv, x, y } = publicJwk;
  return { kid, kty, crv, x, y, alg: 'ES256', use: 'sig' };
}
