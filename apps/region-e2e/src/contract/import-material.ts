// What a client computes before it imports a root key with an import token (reference §10.3).
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import type { Api } from './api.ts';

/** The members of a create that imports `material`, sealed for the token's transport key. */
export interface SealedMaterial {
  readonly payload: string;
  readonly encryptedNonce: string;
  readonly iv: string;
  readonly encryptionAlgorithm: 'RSAES_OAEP_SHA_256';
}

interface Transport {
  readonly payload: string;
  readonly nonce: string;
}

/** Makes a new import token and reads its transport key once. */
export async function newTransport(by: Api, token: object = {}): Promise<Transport> {
  const made = await by.say('POST', '/import_token', { body: token });
  if (made.status !== 200) throw new Error(`no import token: ${JSON.stringify(made.body)}`);
  const { body } = await by.say('GET', '/import_token');
  return body as Transport;
}

/** Seals `material`; `nonce` is base64, and the transport's own in an honest import. */
export function seal(
  transport: Transport,
  material = randomBytes(32),
  nonce = transport.nonce,
): SealedMaterial {
  const key = Buffer.from(transport.payload, 'base64').toString('utf8');
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const payload = publicEncrypt({ key, padding, oaepHash: 'sha256' }, material);
  const iv = randomBytes(12);
  const cipher = createCipheriv(
    `aes-${(material.length * 8) as 128 | 192 | 256}-gcm`,
    material,
    iv,
  );
  const sealed = [cipher.update(Buffer.from(nonce, 'base64')), cipher.final(), cipher.getAuthTag()];
  return {
    payload: payload.toString('base64'),
    encryptedNonce: Buffer.concat(sealed).toString('base64'),
    iv: iv.toString('base64'),
    encryptionAlgorithm: 'RSAES_OAEP_SHA_256',
  };
}
