// unwrap and rewrap: finds the version that wrapped, opens, and wraps again when an older one did or a rewrap was asked for.
// What does not open is an answer without a reason: tampered, other key, other AAD, no envelope at all.
import type { SealedVersion, UnwrapReply } from '@zonehold/api-contract';
import { unwrap as unwrapEnvelope, wrap as wrapEnvelope, type WrappingKey } from '@zonehold/crypto';
import { fromBase64, toBase64 } from '@zonehold/primitives';
import { aadOf, idOf, malformed, membersOf, textOf, versionsOf } from '../request-shape.ts';
import type { Room } from '../room.ts';

interface KeyOfVersions {
  readonly sealedInstanceKey: string;
  readonly instanceId: string;
  readonly keyId: string;
}

/** Versions are opened newest first and only as far as needed. A sealed version that does not open fails with INTEGRITY. */
export function unwrap(room: Room, body: unknown): UnwrapReply {
  const members = membersOf(body);
  const owner: KeyOfVersions = {
    sealedInstanceKey: textOf(members, 'sealedInstanceKey'),
    instanceId: idOf(members, 'instanceId'),
    keyId: idOf(members, 'keyId'),
  };
  const versions = versionsOf(members);
  const aad = aadOf(members);
  const mode = members['mode'];
  if (mode !== 'unwrap' && mode !== 'rewrap') throw malformed('mode', 'unwrap or rewrap');
  const envelope = fromBase64(textOf(members, 'ciphertext'));
  if (envelope === undefined) return { ok: false };
  const opened = unwrapEnvelope(wrappingKeysOf(room, owner, versions), envelope, aad);
  if (opened === undefined) return { ok: false };
  const { index, plaintext } = opened;
  const { versionId } = versions[index] ?? versions[0];
  try {
    const isFreshNeeded = mode === 'rewrap' || index > 0;
    const newest = isFreshNeeded ? keyOf(room, owner, versions[0]) : undefined;
    return {
      ok: true,
      versionId,
      ...(mode === 'unwrap' ? { plaintext: toBase64(plaintext) } : {}),
      ...(newest === undefined
        ? {}
        : { ciphertext: toBase64(wrapEnvelope(newest, plaintext, aad, room.pool)) }),
    };
  } finally {
    plaintext.fill(0);
  }
}

function* wrappingKeysOf(
  room: Room,
  owner: KeyOfVersions,
  versions: readonly SealedVersion[],
): Generator<WrappingKey> {
  for (const version of versions) yield keyOf(room, owner, version);
}

function keyOf(room: Room, owner: KeyOfVersions, version: SealedVersion): WrappingKey {
  const { instanceId, keyId, sealedInstanceKey } = owner;
  const binding = { instanceId, keyId, versionId: version.versionId };
  return room.keys.wrappingKey(sealedInstanceKey, binding, version.sealedMaterial);
}
