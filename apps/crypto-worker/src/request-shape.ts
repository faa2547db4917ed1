// Checks of what a key-manager sends, by hand: wrap and unwrap pass here, and a schema library costs more than the cipher.
// Refusals name the member and never its value.
import type { MaterialBinding, SealedVersion } from '@zonehold/api-contract';
import { fromBase64, KmsError } from '@zonehold/primitives';

/** Key Protect's limits for AAD (reference 7.2): 255 strings of 255 characters, each at most two UTF-16 units. */
const aadMaxStrings = 255;
const aadMaxUnits = 2 * 255;
/** Ids are UUIDs or shorter; a bound so that nothing large is authenticated by mistake. */
const idMaxUnits = 256;
/** A frame holds 2 MiB; no key has so many versions that their sealed texts would fill it. */
const versionsMax = 10_000;

export type Members = Readonly<Record<string, unknown>>;

/** The body as an object, or INVALID_ARGUMENT. */
export function membersOf(body: unknown, name = 'body'): Members {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw malformed(name, 'an object');
  return body as Members;
}

/** A text that is not empty. */
export function textOf(members: Members, name: string): string {
  const value = members[name];
  if (typeof value !== 'string' || value === '') throw malformed(name, 'a text');
  return value;
}

/** An id: short, well-formed text. */
export function idOf(members: Members, name: string): string {
  const value = textOf(members, name);
  if (value.length > idMaxUnits || !value.isWellFormed())
    throw malformed(name, 'a short, well-formed text');
  return value;
}

/** Bytes from strict base64, or undefined when the member is absent. */
export function optionalBytesOf(members: Members, name: string): Uint8Array | undefined {
  const value = members[name];
  if (value === undefined) return undefined;
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  if (bytes === undefined) throw malformed(name, 'standard base64');
  return bytes;
}

/** Exactly `sizeBytes` bytes from strict base64; any number but none without it. */
export function bytesOf(members: Members, name: string, sizeBytes?: number): Uint8Array {
  const bytes = optionalBytesOf(members, name);
  const isFitting = sizeBytes === undefined || bytes?.byteLength === sizeBytes;
  if (bytes === undefined || bytes.byteLength === 0 || !isFitting)
    throw malformed(name, sizeBytes === undefined ? 'base64 of bytes' : `${sizeBytes} bytes`);
  return bytes;
}

/** The AAD list: bounded, every string well-formed. */
export function aadOf(members: Members): readonly string[] {
  const value = members['aad'];
  if (!Array.isArray(value) || value.length > aadMaxStrings)
    throw malformed('aad', `at most ${aadMaxStrings} strings`);
  for (const text of value as unknown[]) {
    if (typeof text !== 'string' || text.length > aadMaxUnits || !text.isWellFormed()) {
      throw malformed('aad', 'short, well-formed strings');
    }
  }
  return value as readonly string[];
}

/** The record that a sealed material belongs to. */
export function bindingOf(members: Members): MaterialBinding {
  const binding = membersOf(members['binding'], 'binding');
  return {
    instanceId: idOf(binding, 'instanceId'),
    keyId: idOf(binding, 'keyId'),
    versionId: idOf(binding, 'versionId'),
  };
}

/** One sealed version. */
export function versionOf(value: unknown, name: string): SealedVersion {
  const version = membersOf(value, name);
  return {
    versionId: idOf(version, 'versionId'),
    sealedMaterial: textOf(version, 'sealedMaterial'),
  };
}

/** Sealed versions, newest first, at least one. */
export function versionsOf(members: Members): readonly [SealedVersion, ...SealedVersion[]] {
  const value = members['versions'];
  if (!Array.isArray(value) || value.length > versionsMax)
    throw malformed('versions', 'a list of versions');
  const [newest, ...older] = value.map((version: unknown) => versionOf(version, 'versions'));
  if (newest === undefined) throw malformed('versions', 'at least one version');
  return [newest, ...older];
}

/** The refusal of a malformed member. */
export function malformed(name: string, expected: string): KmsError {
  return new KmsError('INVALID_ARGUMENT', `${name} must be ${expected}.`);
}
