// Bodies around import tokens: the POST of one, and the members of other bodies that bring material with it (reference §10).
import { base64Rule, base64SizeBytes, isBase64 } from './base64.ts';
import { importTokenBody } from './body-schemas.ts';
import type { PostImportTokenBody, TokenMaterial } from './canonical.ts';
import { invalidField } from './errors.ts';
import type { DecodedBody } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { readSchema } from './read-schema.ts';

/** The one of the contract; SHA-1 belongs to another product (reference §5.1). Taken for granted when none is named. */
const encryptionAlgorithm = 'RSAES_OAEP_SHA_256';

/** Sizes of reference §10.3: a block of RSA-4096; nonce and tag; a GCM IV. */
const memberSizesBytes = { payload: 512, encryptedNonce: 28, iv: 12 } as const;

/** As schemas give them. An empty text is the same as none. */
export interface SecureImportMembers {
  readonly payload?: string | undefined;
  readonly encryptedNonce?: string | undefined;
  readonly iv?: string | undefined;
  readonly encryptionAlgorithm?: string | undefined;
}

/** POST /import_token: flat, all optional. */
export function parsePostImportToken(
  body: Exclude<DecodedBody, { readonly kind: 'refused' }>,
): Parsed<PostImportTokenBody> {
  const read = readSchema(importTokenBody, body.kind === 'empty' ? {} : body.value);
  if (!read.ok) return read;
  const { expiration, maxAllowedRetrievals } = read.value;
  return parsed({ lifetimeS: expiration, retrievalsMax: maxAllowedRetrievals });
}

/**
 * Material that comes with an import token; undefined when nothing says that it does. INVALID_FIELD_ERR names the member that is
 * missing, or not of its size: what an algorithm is named for is encrypted, and must never be taken for plain material.
 */
export function readTokenMaterial(members: SecureImportMembers): Parsed<TokenMaterial | undefined> {
  const {
    payload = '',
    encryptedNonce = '',
    iv = '',
    encryptionAlgorithm: algorithm = '',
  } = members;
  if (encryptedNonce === '' && iv === '' && algorithm === '') return parsed(undefined);
  if (encryptedNonce === '') {
    const other = iv === '' ? 'encryptionAlgorithm' : 'iv';
    return refused(invalidField('encryptedNonce', `present together with ${other}`));
  }
  if (iv === '') return refused(invalidField('iv', 'present together with encryptedNonce'));
  if (algorithm !== '' && algorithm !== encryptionAlgorithm) {
    return refused(invalidField('encryptionAlgorithm', encryptionAlgorithm));
  }
  if (payload === '') {
    return refused(invalidField('payload', 'present together with encryptedNonce and iv'));
  }
  const material = { payload, encryptedNonce, iv };
  for (const name of ['encryptedNonce', 'iv', 'payload'] as const) {
    const rule = sizeRule(material[name], memberSizesBytes[name]);
    if (rule !== undefined) return refused(invalidField(name, rule));
  }
  return parsed(material);
}

function sizeRule(text: string, sizeBytes: number): string | undefined {
  if (!isBase64(text)) return base64Rule(text);
  return base64SizeBytes(text) === sizeBytes ? undefined : `base64 of ${sizeBytes} bytes`;
}
