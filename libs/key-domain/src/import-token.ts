// The import token of an instance (reference §10): a transport key and a nonce that clients retrieve a counted number of times,
// and under which they send key material until it expires. One record per instance; a new token takes the old one's place. Pure.
import type { AppliedOperation, ImportTokenChange } from './key.ts';
import type { DomainRefusal } from './refusal.ts';
import { keepOperations, recogniseRepeat, type OperationStamp } from './repeat.ts';

/** What a client may ask for (reference §10.1). */
export const importTokenLifetimeMinS = 300;
export const importTokenLifetimeMaxS = 86_400;
export const importTokenLifetimeDefaultS = 600;
export const importTokenRetrievalsMax = 500;
export const importTokenRetrievalsDefault = 1;

/** How many makings of tokens a record keeps: for their repeats, and to count what was made in the last minute. */
export const keptTokenCreationsMax = 20;
/** An instance may make so many tokens in this time: each costs a crypto-worker about a second of one core. */
const creationsWindowMs = 60_000;
/**
 * How many retrievals it keeps: about 450 bytes each, and the record is written again with every one. A repeat comes within a minute
 * (`correlationTokenMs`); who retrieves more often than this in a minute may find a repeat counted a second time, never too few left.
 */
export const keptTokenRetrievalsMax = 64;

/** A token as it is stored. */
export interface ImportToken {
  /** UUID: what the private key is sealed for. Clients never see it. */
  readonly tokenId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** 1 to 500. */
  readonly retrievalsMax: number;
  readonly retrievalsLeft: number;
  /** PEM of the SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
  /** Base64 of 12 bytes. No secret of ours, yet only for those who may retrieve: it is never logged. */
  readonly nonce: string;
  readonly sealedPrivateKey: string;
}

/** What is shown of a token. */
export type ImportTokenView = Pick<
  ImportToken,
  'createdAtMs' | 'expiresAtMs' | 'retrievalsMax' | 'retrievalsLeft'
>;

/** A change with what its client was shown, so that a repeat is shown the same. */
export interface ImportTokenOperation extends AppliedOperation {
  readonly shown: ImportTokenView;
}

/** The value of an instance's import-token register; JSON-safe. */
export interface ImportTokenRecord {
  readonly token: ImportToken;
  /** Newest last; those of tokens that were replaced too. */
  readonly creations: readonly ImportTokenOperation[];
  /** Newest last; of this token only: what a replaced one gave is worth nothing any more. */
  readonly retrievals: readonly ImportTokenOperation[];
}

/** What a new token is made of. The key pair is made, and its private half sealed, before. */
export interface NewImportToken extends Pick<
  ImportToken,
  'tokenId' | 'retrievalsMax' | 'publicKeyPem' | 'nonce' | 'sealedPrivateKey'
> {
  readonly lifetimeS: number;
  readonly stamp: OperationStamp;
}

/** Is this request one that the record has seen? `replay` says what its client was shown. */
export type ImportTokenRepeat =
  | { readonly kind: 'new' | 'mismatch' }
  | { readonly kind: 'replay'; readonly shown: ImportTokenView };

export type ImportTokenVerdict<Value> =
  ({ readonly ok: true } & Value) | { readonly ok: false; readonly refusal: DomainRefusal };

const isNew: ImportTokenRepeat = { kind: 'new' };

/** Recognises a repeat, also one whose token has expired or is used up since: it is answered as the first time. */
export function recogniseImportTokenRepeat(
  record: ImportTokenRecord | undefined,
  stamp: OperationStamp,
  action: ImportTokenChange,
  nowMs: number,
): ImportTokenRepeat {
  if (record === undefined) return isNew;
  const operations = [...record.creations, ...record.retrievals];
  const repeat = recogniseRepeat({ operations }, stamp, action, nowMs);
  if (repeat.kind !== 'replay') return repeat;
  const seen = operations.find((operation) => operation === repeat.operation);
  return seen === undefined ? isNew : { kind: 'replay', shown: seen.shown };
}

/** TOO_MANY_REQUESTS_ERR when the instance has made as many tokens as it may for now: asked before a key pair is made. */
export function refuseHastyImportToken(
  record: ImportTokenRecord | undefined,
  nowMs: number,
): DomainRefusal | undefined {
  const oldest = record?.creations.at(-keptTokenCreationsMax);
  if (oldest === undefined || nowMs - oldest.atMs >= creationsWindowMs) return undefined;
  const detail = `at most ${keptTokenCreationsMax} import tokens in a minute`;
  return { code: 'TOO_MANY_REQUESTS_ERR', detail };
}

/** A new token in place of the one there is. */
export function createImportToken(
  before: ImportTokenRecord | undefined,
  input: NewImportToken,
  nowMs: number,
): ImportTokenRecord {
  const { lifetimeS, stamp, ...made } = input;
  const token: ImportToken = {
    ...made,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + lifetimeS * 1_000,
    retrievalsLeft: made.retrievalsMax,
  };
  const operation = applied(stamp, 'create-import-token', token, nowMs);
  return {
    token,
    creations: keepOperations(before?.creations ?? [], operation, keptTokenCreationsMax),
    retrievals: [],
  };
}

/** One retrieval less. IMPORT_TOKEN_NOT_FOUND_ERR, or IMPORT_TOKEN_EXPIRED_ERR: expired, or none left (reference §10.2). */
export function retrieveImportToken(
  record: ImportTokenRecord | undefined,
  stamp: OperationStamp,
  nowMs: number,
): ImportTokenVerdict<{ readonly record: ImportTokenRecord }> {
  const usable = usableImportToken(record, nowMs);
  if (!usable.ok) return usable;
  const { token: before, record: known } = usable;
  if (before.retrievalsLeft < 1) {
    return refused('IMPORT_TOKEN_EXPIRED_ERR', 'all of its retrievals are used');
  }
  const token = { ...before, retrievalsLeft: before.retrievalsLeft - 1 };
  const operation = applied(stamp, 'retrieve-import-token', token, nowMs);
  const retrievals = keepOperations(known.retrievals, operation, keptTokenRetrievalsMax);
  return { ok: true, record: { ...known, token, retrievals } };
}

/**
 * The token that material may come with now: until it expires, however many retrievals are left (reference §10.2).
 * IMPORT_TOKEN_NOT_FOUND_ERR, IMPORT_TOKEN_EXPIRED_ERR.
 */
export function usableImportToken(
  record: ImportTokenRecord | undefined,
  nowMs: number,
): ImportTokenVerdict<{ readonly token: ImportToken; readonly record: ImportTokenRecord }> {
  if (record === undefined) return refused('IMPORT_TOKEN_NOT_FOUND_ERR');
  if (nowMs >= record.token.expiresAtMs) return refused('IMPORT_TOKEN_EXPIRED_ERR');
  return { ok: true, token: record.token, record };
}

function applied(
  stamp: OperationStamp,
  action: ImportTokenChange,
  token: ImportToken,
  atMs: number,
): ImportTokenOperation {
  const { createdAtMs, expiresAtMs, retrievalsMax, retrievalsLeft } = token;
  const { operationId, tokenKind, tokenValue, parametersHash } = stamp;
  return {
    ...{ operationId, tokenKind, tokenValue, parametersHash, action, atMs },
    shown: { createdAtMs, expiresAtMs, retrievalsMax, retrievalsLeft },
  };
}

function refused(
  code: DomainRefusal['code'],
  detail?: string,
): { readonly ok: false; readonly refusal: DomainRefusal } {
  return { ok: false, refusal: detail === undefined ? { code } : { code, detail } };
}
