// createSigningKey: an ES256 key pair whose private half leaves this process only sealed.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import type { CreateSigningKeyReply } from '@zonehold/api-contract';
import { seal, SecretBytes } from '@zonehold/crypto';
import { assert, toBase64 } from '@zonehold/primitives';
import type { Room } from '../room.ts';

const generate = promisify(generateKeyPair);

/** `kid` is the RFC 7638 thumbprint of the public key, so it names exactly one key. */
export async function createSigningKey(room: Room): Promise<CreateSigningKeyReply> {
  const { publicKey, privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  assert(
    kty !== undefined && crv !== undefined && x !== undefined && y !== undefined,
    'a P-256 JWK has kty, crv, x and y',
  );
  const publicJwk = { kty, crv, x, y };
  const kid = await calculateJwkThumbprint(publicJwk);
  const secret = SecretBytes.take(privateKey.export({ format: 'der', type: 'pkcs8' }));
  try {
    const { place, sealingKey } = room.root;
    const sealed = seal(sealingKey, place, { purpose: 'signing-key', kid }, secret, room.pool);
    return { kid, sealedPrivateKey: toBase64(sealed), publicJwk };
  } finally {
    secret.wipe();
  }
}
