// How often a token may be retrieved, how long it serves, and what its repeats are told (reference §10).
import { describe, expect, it } from 'vitest';
import {
  createImportToken,
  keptTokenCreationsMax,
  keptTokenRetrievalsMax,
  recogniseImportTokenRepeat,
  retrieveImportToken,
  usableImportToken,
  type ImportTokenRecord,
} from './import-token.ts';
import { freshStamp, startMs } from './key-fixture.ts';
import { correlationTokenMs, type OperationStamp } from './repeat.ts';

interface Wanted {
  readonly before?: ImportTokenRecord;
  readonly lifetimeS?: number;
  readonly retrievalsMax?: number;
  readonly stamp?: OperationStamp;
  readonly atMs?: number;
}

function made(wanted: Wanted = {}): ImportTokenRecord {
  const { before, lifetimeS = 600, retrievalsMax = 1, stamp = freshStamp() } = wanted;
  const parts = { tokenId: 't1', publicKeyPem: 'pem', nonce: 'nonce', sealedPrivateKey: 'sealed' };
  const input = { ...parts, lifetimeS, retrievalsMax, stamp };
  return createImportToken(before, input, wanted.atMs ?? startMs);
}

function retrieved(
  record: ImportTokenRecord,
  stamp = freshStamp(),
  atMs = startMs,
): ImportTokenRecord {
  const next = retrieveImportToken(record, stamp, atMs);
  if (!next.ok) throw new Error(next.refusal.code);
  return next.record;
}

const refusalOf = (verdict: ReturnType<typeof usableImportToken | typeof retrieveImportToken>) =>
  verdict.ok ? undefined : verdict.refusal.code;
const correlated = (tokenValue: string): OperationStamp => ({
  ...freshStamp(),
  tokenKind: 'correlation',
  tokenValue,
});

describe('an import token', () => {
  it('counts its retrievals down to none, and is then refused', () => {
    let record = made({ retrievalsMax: 3 });
    const left: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      record = retrieved(record);
      left.push(record.token.retrievalsLeft);
    }
    expect(left).toEqual([2, 1, 0]);
    expect(refusalOf(retrieveImportToken(record, freshStamp(), startMs))).toBe(
      'IMPORT_TOKEN_EXPIRED_ERR',
    );
  });

  it('brings material until it expires, whether or not retrievals are left', () => {
    const record = retrieved(made({ lifetimeS: 300 }));
    expect(record.token.retrievalsLeft).toBe(0);
    expect(usableImportToken(record, startMs + 299_999).ok).toBe(true);
    expect(refusalOf(usableImportToken(record, startMs + 300_000))).toBe(
      'IMPORT_TOKEN_EXPIRED_ERR',
    );
  });

  it('is not retrieved once it has expired', () => {
    const record = made({ lifetimeS: 300, retrievalsMax: 500 });
    const late = retrieveImportToken(record, freshStamp(), startMs + 300_000);
    expect(refusalOf(late)).toBe('IMPORT_TOKEN_EXPIRED_ERR');
  });

  it('that was never made is not found', () => {
    expect(refusalOf(usableImportToken(undefined, startMs))).toBe('IMPORT_TOKEN_NOT_FOUND_ERR');
    expect(refusalOf(retrieveImportToken(undefined, freshStamp(), startMs))).toBe(
      'IMPORT_TOKEN_NOT_FOUND_ERR',
    );
  });

  it('takes the place of the one before it, with all retrievals its own', () => {
    const record = made({ before: retrieved(made()), retrievalsMax: 2, atMs: startMs + 1_000 });
    expect(record.token).toMatchObject({ retrievalsMax: 2, retrievalsLeft: 2 });
    expect(record.retrievals).toEqual([]);
  });
});

describe('a repeat', () => {
  const repeatOf = (
    record: ImportTokenRecord,
    stamp: OperationStamp,
    action: 'create-import-token' | 'retrieve-import-token',
    atMs = startMs,
  ) => recogniseImportTokenRepeat(record, stamp, action, atMs);

  it('of a retrieval is shown what was left then, not what is left now', () => {
    const stamp = freshStamp();
    const record = retrieved(retrieved(made({ retrievalsMax: 9 }), stamp));
    expect(record.token.retrievalsLeft).toBe(7);
    expect(repeatOf(record, stamp, 'retrieve-import-token')).toMatchObject({
      kind: 'replay',
      shown: { retrievalsLeft: 8, retrievalsMax: 9 },
    });
  });

  it('with a Correlation-Id is a repeat for a minute', () => {
    const record = retrieved(made({ retrievalsMax: 9 }), correlated('c1'));
    const kindAt = (atMs: number) =>
      repeatOf(record, correlated('c1'), 'retrieve-import-token', atMs).kind;
    expect(kindAt(startMs + correlationTokenMs)).toBe('replay');
    expect(kindAt(startMs + correlationTokenMs + 1)).toBe('new');
    expect(repeatOf(record, correlated('c2'), 'retrieve-import-token').kind).toBe('new');
  });

  it('of a making is told of the token it made, and makes none in place of a later one', () => {
    const stamp = correlated('c1');
    const first = made({ stamp, retrievalsMax: 7 });
    const second = made({ before: first, retrievalsMax: 2, atMs: startMs + 1_000 });
    expect(repeatOf(second, { ...correlated('c1') }, 'create-import-token')).toMatchObject({
      kind: 'replay',
      shown: { retrievalsMax: 7, retrievalsLeft: 7, createdAtMs: startMs },
    });
  });

  it('of a retrieval of a token that was replaced is a retrieval of the new one', () => {
    const stamp = freshStamp();
    const record = made({ before: retrieved(made(), stamp) });
    expect(repeatOf(record, stamp, 'retrieve-import-token').kind).toBe('new');
  });

  it('of another request under an idempotency key is a mismatch', () => {
    const mine = (parametersHash: string): OperationStamp => ({
      ...freshStamp(),
      tokenKind: 'idempotency-key',
      tokenValue: 'mine',
      parametersHash,
    });
    const record = made({ stamp: mine('one') });
    expect(repeatOf(record, mine('two'), 'create-import-token').kind).toBe('mismatch');
  });

  it('is recognised among the newest: the record stays small', () => {
    let record = made({ retrievalsMax: 500 });
    for (let round = 0; round < 20; round += 1)
      record = made({ before: record, retrievalsMax: 500 });
    for (let round = 0; round < 101; round += 1) record = retrieved(record);
    expect(record.creations).toHaveLength(keptTokenCreationsMax);
    expect(record.retrievals).toHaveLength(keptTokenRetrievalsMax);
    expect(record.token.retrievalsLeft).toBe(399);
  });
});
