// Lists of strings as unambiguous bytes: every length is written before what it measures, so no two lists share an encoding.
import { assert } from '@zonehold/primitives';

const u32Bytes = 4;
const emptyList = Buffer.alloc(u32Bytes);

/**
 * Encodes `strings` after `prefix`. Order counts; nothing is normalised. Every string must be well-formed UTF-16: the
 * caller has refused others, since two different ill-formed strings would encode alike.
 *
 * ```
 * offset  size  what
 * 0       p     prefix, as it is
 * p       4     number of strings, u32 big-endian
 *               then for each string:
 *         4     byte length, u32 big-endian
 *         n     UTF-8
 * ```
 */
export function encodeStrings(strings: readonly string[], prefix?: Uint8Array): Buffer {
  if (strings.length === 0)
    return prefix === undefined ? emptyList : Buffer.concat([prefix, emptyList]);
  const prefixBytes = prefix?.byteLength ?? 0;
  let size = prefixBytes + u32Bytes;
  for (const text of strings) {
    assert(text.isWellFormed(), 'strings must be well-formed before they are encoded');
    size += u32Bytes + Buffer.byteLength(text, 'utf8');
  }
  const bytes = Buffer.allocUnsafe(size);
  if (prefix !== undefined) bytes.set(prefix, 0);
  let offset = bytes.writeUInt32BE(strings.length, prefixBytes);
  for (const text of strings) {
    const length = bytes.write(text, offset + u32Bytes, 'utf8');
    bytes.writeUInt32BE(length, offset);
    offset += u32Bytes + length;
  }
  return bytes;
}
