// The text of an API key: `<credentialId>.<secret>`. Made once, shown once; only a digest is kept.
import { createHash } from 'node:crypto';
import { equalBytes, toHex, type Random } from '@zonehold/primitives';
import { randomUuid } from '../key-id.ts';

/** 256 bits: guessing is hopeless, so a plain SHA-256 is enough to store. */
const secretBytes = 32;
/** As register names allow; a dot ends it. Base64url of 32 bytes has 43 characters. */
const apiKeyPattern = /^([A-Za-z0-9-]{1,80})\.([A-Za-z0-9_-]{43})$/;
const credentialIdPattern = /^[A-Za-z0-9-]{1,80}$/;

export interface NewSecret {
  readonly credentialId: string;
  readonly apiKey: string;
  readonly secretSha256: string;
}

/** A fresh credential. */
export function newSecret(random: Random): NewSecret {
  const credentialId = `ApiKey-${randomUuid(random)}`;
  const secret = Buffer.from(random.bytes(secretBytes)).toString('base64url');
  const apiKey = `${credentialId}.${secret}`;
  return { credentialId, apiKey, secretSha256: digestOf(secret) };
}

/** The two parts of an API key, or undefined when it cannot be one. */
export function parseApiKey(
  text: string,
): { readonly credentialId: string; readonly secret: string } | undefined {
  const match = apiKeyPattern.exec(text);
  const [, credentialId, secret] = match ?? [];
  return credentialId === undefined || secret === undefined ? undefined : { credentialId, secret };
}

/** True for what may be a credential's id. */
export function isCredentialId(text: string): boolean {
  return credentialIdPattern.test(text);
}

/** Compares in constant time. */
export function isSecret(secret: string, secretSha256: string): boolean {
  return equalBytes(sha256(secret), Buffer.from(secretSha256, 'hex'));
}

/** What is kept of a secret: SHA-256 in lower-case hex. */
export function digestOf(secret: string): string {
  return toHex(sha256(secret));
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text, 'utf8').digest();
}
