// Key ids: derived from what makes a create the same create, so that its repeat meets the same register in every zone.
import { createHmac, type KeyObject } from 'node:crypto';
import type { RepeatTokenKind } from '@zonehold/key-domain';
import { toHex, type Random } from '@zonehold/primitives';

/** What a key id is made of. `generation` counts the keys that one correlation token made (docs/decisions/0003). */
export interface KeyOrigin {
  readonly instanceId: string;
  readonly credentialId: string;
  readonly tokenKind: RepeatTokenKind;
  /** For `none` the operation id: the gateway's own retry is then the same create. */
  readonly tokenValue: string;
  readonly generation: number;
}

/** HMAC-SHA-256 under the region's id key, cut to 128 bits, with the version and variant bits of a UUID v4. */
export function keyIdOf(idKey: KeyObject, origin: KeyOrigin): string {
  const { instanceId, credentialId, tokenKind, tokenValue, generation } = origin;
  // JSON of a list of fixed length: no two origins give the same text.
  const text = JSON.stringify([instanceId, credentialId, tokenKind, tokenValue, generation]);
  return uuidV4Of(createHmac('sha256', idKey).update(text).digest());
}

/** A random UUID v4. */
export function randomUuid(random: Random): string {
  return uuidV4Of(random.bytes(16));
}

/** The first 16 of `bytes` as UUID v4 (RFC 9562 §5.4). */
function uuidV4Of(bytes: Uint8Array): string {
  const id = Uint8Array.from(bytes.subarray(0, 16));
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(id);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
