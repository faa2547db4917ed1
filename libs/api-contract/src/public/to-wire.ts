// From what is stored to what a client reads (reference §1.6, §1.9, §5). Times on the wire are whole seconds.
import {
  defaultKeyRingId,
  effectiveState,
  keyRingOf,
  newestVersion,
  purgeScheduleMs,
  purgeWaitMs,
  restoreWindowMs,
  timeForKey,
  type Key,
  type KeyRing,
  type KeyRings,
  type KeyVersion,
} from '@zonehold/key-domain';
import { collection } from './collection.ts';
import { policyMembersOf } from './policies-to-wire.ts';
import type {
  CollectionBody,
  DeletionBody,
  DeprecatedAlgorithmBody,
  FullKeyBody,
  KeyAliasBody,
  KeyRingBody,
  KeyVersionBody,
  KeyWithPayloadBody,
  RewrapReplyBody,
  TerseKeyBody,
  UnwrapReplyBody,
  WrapReplyBody,
} from './reply-bodies.ts';
import { formatTimestamp } from './timestamp.ts';

/** Where a key lives, for its CRN, the rings there are, and when it is looked at. */
export interface WireContext {
  readonly region: string;
  readonly accountId: string;
  readonly keyRings: KeyRings;
  readonly nowMs: number;
}

const keyType = 'application/vnd.ibm.kms.key+json';
const versionType = 'application/vnd.ibm.kms.key.version+json';
const keyRingType = 'application/vnd.ibm.kms.key_ring+json';

/** Generated material is AES-256 (reference §5.4). */
const generatedBits = 256;

/** CRN of an instance (reference §1.9). */
export function instanceCrn(region: string, accountId: string, instanceId: string): string {
  return `crn:v1:bluemix:public:kms:${region}:a/${accountId}:${instanceId}::`;
}

/** CRN of a key (reference §1.9). */
export function keyCrn(context: Pick<WireContext, 'region' | 'accountId'>, key: Key): string {
  return `crn:v1:bluemix:public:kms:${context.region}:a/${context.accountId}:${key.instanceId}:key:${key.id}`;
}

/** What a plain create answers: no dates of change, no version (trap 7). */
export function terseKey(key: Key, context: WireContext): TerseKeyBody {
  return {
    type: keyType,
    id: key.id,
    name: key.name,
    ...(key.description === undefined ? {} : { description: key.description }),
    ...(key.aliases === undefined || key.aliases.length === 0 ? {} : { aliases: key.aliases }),
    state: effectiveState(key, context.nowMs),
    ...(key.expiresAtMs === undefined ? {} : { expirationDate: formatTimestamp(key.expiresAtMs) }),
    extractable: key.isExtractable,
    crn: keyCrn(context, key),
    imported: key.isImported,
    deleted: key.deletedAtMs !== undefined,
  };
}

/** Everything that applies, except the payload. `nonactiveStateReason` is left out: its codes are not published. */
export function fullKey(key: Key, context: WireContext): FullKeyBody {
  return {
    ...terseKey(key, context),
    ...(key.tags === undefined || key.tags.length === 0 ? {} : { tags: key.tags }),
    keyRingID: keyRingOf(key, context.keyRings),
    creationDate: formatTimestamp(key.createdAtMs),
    createdBy: key.createdBy,
    lastUpdateDate: formatTimestamp(key.updatedAtMs),
    ...(key.lastRotatedAtMs === undefined
      ? {}
      : { lastRotateDate: formatTimestamp(key.lastRotatedAtMs) }),
    ...algorithmOf(key),
    ...(key.isExtractable ? {} : { keyVersion: versionBody(newestVersion(key)) }),
    ...policyMembersOf(key, context.nowMs),
    ...deletionOf(key, context.nowMs),
  };
}

/** A standard key with its payload (base64). Never for a root key: its material does not leave the service. */
export function keyWithPayload(
  key: Key,
  context: WireContext,
  payload: string,
): KeyWithPayloadBody {
  return { ...fullKey(key, context), payload };
}

function algorithmOf(key: Key): DeprecatedAlgorithmBody {
  const isSizeKnown = !key.isImported;
  return {
    algorithmType: 'Deprecated',
    algorithmMetadata: {
      ...(isSizeKnown ? { bitLength: String(generatedBits) } : {}),
      mode: 'Deprecated',
    },
    ...(isSizeKnown ? { algorithmBitSize: generatedBits } : {}),
    algorithmMode: 'Deprecated',
  };
}

function deletionOf(key: Key, nowMs: number): DeletionBody | undefined {
  const { deletedAtMs, deletedBy } = key;
  if (deletedAtMs === undefined || deletedBy === undefined) return undefined;
  const atMs = timeForKey(key, nowMs);
  const isExpired = key.expiresAtMs !== undefined && key.expiresAtMs <= atMs;
  return {
    deletionDate: formatTimestamp(deletedAtMs),
    deletedBy,
    restoreExpirationDate: formatTimestamp(deletedAtMs + restoreWindowMs),
    restoreAllowed: atMs <= deletedAtMs + restoreWindowMs && !isExpired,
    purgeAllowed: atMs >= deletedAtMs + purgeWaitMs,
    purgeAllowedFrom: formatTimestamp(deletedAtMs + purgeWaitMs),
    purgeScheduledOn: formatTimestamp(deletedAtMs + purgeScheduleMs),
  };
}

function versionBody(version: KeyVersion): KeyVersionBody {
  return { id: version.versionId, creationDate: formatTimestamp(version.createdAtMs) };
}

/** Keys in their envelope. `totalCount` only when the client asked for it. */
export function keyCollection<Body extends TerseKeyBody>(
  keys: readonly Body[],
  totalCount?: number,
): CollectionBody<Body> {
  return collection(keyType, keys, totalCount);
}

/** The alias that was made, in the envelope of keys (reference §27.1 #17). */
export function aliasCollection(input: {
  readonly keyId: string;
  readonly alias: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}): CollectionBody<KeyAliasBody> {
  const { keyId, alias, createdBy, createdAtMs } = input;
  const creationDate = formatTimestamp(createdAtMs);
  return collection(keyType, [{ keyId, alias, createdBy, creationDate }], undefined);
}

/** A page of versions, newest first, in their envelope (reference §6.10). */
export function versionCollection(
  versions: readonly KeyVersion[],
  totalCount?: number,
): CollectionBody<KeyVersionBody> {
  return collection(versionType, versions.map(versionBody), totalCount);
}

/** A page of key rings: `default` first, the others in the order of their making (reference §12). */
export function keyRingCollection(
  { rings }: KeyRings,
  page: { readonly limit: number; readonly offset: number; readonly isTotalWanted: boolean },
): CollectionBody<KeyRingBody> {
  const bodies = [{ id: defaultKeyRingId }, ...rings.map(keyRingBody)];
  const shown = bodies.slice(page.offset, page.offset + page.limit);
  return collection(keyRingType, shown, page.isTotalWanted ? bodies.length : undefined);
}

function keyRingBody({ id, createdAtMs, createdBy }: KeyRing): KeyRingBody {
  return { id, creationDate: formatTimestamp(createdAtMs), createdBy };
}

/** The answer of a wrap; `plaintext` (base64) only when the service made the DEK. */
export function wrapReply(input: {
  readonly ciphertext: string;
  readonly versionId: string;
  readonly plaintext?: string | undefined;
}): WrapReplyBody {
  const { ciphertext, versionId, plaintext } = input;
  const keyVersion = { id: versionId };
  return plaintext === undefined
    ? { ciphertext, keyVersion }
    : { plaintext, ciphertext, keyVersion };
}

/** The answer of an unwrap; the fresh ciphertext appears exactly when the input's version is not the newest. */
export function unwrapReply(input: {
  readonly plaintext: string;
  readonly versionId: string;
  readonly newestVersionId: string;
  readonly ciphertext?: string | undefined;
}): UnwrapReplyBody {
  const { plaintext, versionId, newestVersionId, ciphertext } = input;
  const keyVersion = { id: versionId };
  if (versionId === newestVersionId || ciphertext === undefined) return { plaintext, keyVersion };
  return { plaintext, ciphertext, keyVersion, rewrappedKeyVersion: { id: newestVersionId } };
}

/** The answer of a rewrap: both versions always, equal when the input was of the newest already. */
export function rewrapReply(input: {
  readonly ciphertext: string;
  readonly versionId: string;
  readonly newestVersionId: string;
}): RewrapReplyBody {
  return {
    ciphertext: input.ciphertext,
    keyVersion: { id: input.versionId },
    rewrappedKeyVersion: { id: input.newestVersionId },
  };
}
