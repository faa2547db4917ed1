// Import tokens over two zones: made, retrieved a counted number of times, and what a repeat is told.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RetrievedImportTokenBody } from '@zonehold/api-contract';
import { KmsError } from '@zonehold/primitives';
import { encrypt, tokenClient, tokenOf } from '../testing/import-tokens.ts';
import {
  callerOf,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
const { post, get, made, retrieved, importing } = tokenClient(() => test);

beforeEach(async () => {
  test = await startRegion();
});

const idempotent = (value: string, parametersHash = 'p') =>
  ({ kind: 'idempotency-key', value, parametersHash }) as const;
const correlated = (value: string) =>
  ({ kind: 'correlation', value, parametersHash: 'p' }) as const;

describe('a new import token', () => {
  it('shows what it may be used for, and neither key nor nonce', async () => {
    const token = await made({ lifetimeS: 300, retrievalsMax: 50 });
    const { maxAllowedRetrievals, remainingRetrievals, creationDate, expirationDate } = token;
    expect(Object.keys(token)).toHaveLength(4);
    expect([maxAllowedRetrievals, remainingRetrievals]).toEqual([50, 50]);
    expect(Date.parse(expirationDate) - Date.parse(creationDate)).toBe(300_000);
  });

  it('takes the place of the one before it: what that gave brings nothing any more', async () => {
    await made();
    const old = await retrieved();
    await made();
    expect(refusalOf(await importing(encrypt(old)))).toBe('INCORRECT_NONCE_IV_ERR');
    const fresh = await retrieved();
    expect(fresh.payload).not.toBe(old.payload);
    const mixed = encrypt({ payload: fresh.payload, nonce: old.nonce });
    expect(refusalOf(await importing(mixed))).toBe('INCORRECT_NONCE_ERR');
    expect(succeeded(await importing(encrypt(fresh))).status).toBe(201);
  });

  it('needs a Writer, and so does its retrieval', async () => {
    await made();
    const readers = await Promise.all([test.credential('Reader'), test.credential('ReaderPlus')]);
    for (const caller of readers.map(callerOf)) {
      expect(refusalOf(await send(test.here, post({}, { caller })))).toBe('UNAUTHORIZED_ERR');
      expect(refusalOf(await send(test.here, get({ caller })))).toBe('UNAUTHORIZED_ERR');
    }
    const caller = callerOf(await test.credential('Writer'));
    succeeded(await send(test.here, post({}, { caller })));
    succeeded(await send(test.elsewhere, get({ caller })));
  });

  it('is asked for in a ring that exists', async () => {
    const keyRingId = 'payroll';
    const lost = [post({}, { keyRingId }), get({ keyRingId })];
    for (const request of lost) {
      expect(refusalOf(await send(test.here, request))).toBe('KEY_RING_NOT_FOUND_ERR');
    }
    succeeded(await send(test.here, requestOf(test, 'createKeyRing', { subRef: keyRingId })));
    succeeded(await send(test.here, post({}, { keyRingId })));
    succeeded(await send(test.elsewhere, get({ keyRingId })));
  });

  it('is not made when no key pair can be had, and the old one stays', async () => {
    await made();
    test.crypto.failures.set('createImportToken', new KmsError('OVERLOADED', 'busy'));
    await expect(send(test.here, post())).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect((await retrieved()).remainingRetrievals).toBe(0);
  });

  it('is made twenty times in a minute, and asks for no key pair after that', async () => {
    for (let count = 0; count < 20; count += 1) await made();
    const pairs = test.crypto.countOf('createImportToken');
    expect(refusalOf(await send(test.elsewhere, post()))).toBe('TOO_MANY_REQUESTS_ERR');
    expect(test.crypto.countOf('createImportToken')).toBe(pairs);
    test.clock.advance(60_000);
    succeeded(await send(test.elsewhere, post()));
  });

  it('of one instance serves no other', async () => {
    await made();
    const token = await retrieved();
    const other = await startRegion();
    const body = { name: 'imported', isExtractable: false, tokenMaterial: encrypt(token) };
    const request = requestOf(other, 'createKey', { body });
    expect(refusalOf(await send(other.here, request))).toBe('IMPORT_TOKEN_NOT_FOUND_ERR');
  });
});

describe('the retrieval of an import token', () => {
  it('gives a PEM key and a nonce of 12 bytes, the same ones until the token is replaced', async () => {
    await made({ retrievalsMax: 2 });
    const first = await retrieved(test.here);
    expect(Buffer.from(first.payload, 'base64').toString()).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect(Buffer.from(first.nonce, 'base64')).toHaveLength(12);
    const second = await retrieved(test.elsewhere);
    expect([first.remainingRetrievals, second.remainingRetrievals]).toEqual([1, 0]);
    expect([second.payload, second.nonce]).toEqual([first.payload, first.nonce]);
  });

  it('is refused without a token, after the last one, and once it has expired', async () => {
    expect(refusalOf(await send(test.here, get()))).toBe('IMPORT_TOKEN_NOT_FOUND_ERR');
    await made();
    await retrieved();
    expect(refusalOf(await send(test.here, get()))).toBe('IMPORT_TOKEN_EXPIRED_ERR');
    await made({ lifetimeS: 300, retrievalsMax: 9 });
    test.clock.advance(300_000);
    expect(refusalOf(await send(test.elsewhere, get()))).toBe('IMPORT_TOKEN_EXPIRED_ERR');
  });

  it('many at once in two zones get as many as there are, each with another number left', async () => {
    await made({ retrievalsMax: 5 });
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, at) => send(at % 2 ? test.here : test.elsewhere, get())),
    );
    const left = replies.flatMap((reply) => (reply.ok ? [tokenOf(reply).remainingRetrievals] : []));
    expect(left.toSorted()).toEqual([0, 1, 2, 3, 4]);
    const refusals = replies.filter((reply) => !reply.ok).map(refusalOf);
    expect(new Set(refusals)).toEqual(new Set(['IMPORT_TOKEN_EXPIRED_ERR']));
  });

  it.each([
    ['the gateway', {}],
    ['a client with its Correlation-Id', { token: correlated('c1') }],
    ['a client with an idempotency key', { token: idempotent('mine') }],
  ])('that is sent again by %s counts once and is answered the same', async (_who, members) => {
    await made({ retrievalsMax: 3 });
    const request = get(members);
    const [first, second] = await Promise.all([
      send(test.here, request),
      send(test.elsewhere, request),
    ]);
    const isSameAttempt = Object.keys(members).length === 0;
    const again = isSameAttempt ? request : get(members);
    const third = await send(test.here, again);
    expect([tokenOf(second), tokenOf(third)]).toEqual([tokenOf(first), tokenOf(first)]);
    expect((await retrieved()).remainingRetrievals).toBe(1);
  });

  it('that was the last is answered again, and by no other request', async () => {
    await made();
    const request = get({ token: correlated('c1') });
    const first = tokenOf(await send(test.here, request));
    expect(tokenOf(await send(test.elsewhere, request))).toEqual(first);
    expect(refusalOf(await send(test.here, get({ token: correlated('c2') })))).toBe(
      'IMPORT_TOKEN_EXPIRED_ERR',
    );
  });
});

describe('a repeat of the making', () => {
  it('makes one token in two zones, and no second key pair once it is made', async () => {
    const request = post({ retrievalsMax: 4 }, { token: correlated('c1') });
    const [first, second] = await Promise.all([
      send(test.here, request),
      send(test.elsewhere, request),
    ]);
    expect(tokenOf(second)).toEqual(tokenOf(first));
    const pairs = test.crypto.countOf('createImportToken');
    const token = await retrieved();
    expect(tokenOf(await send(test.elsewhere, request))).toEqual(tokenOf(first));
    expect(test.crypto.countOf('createImportToken')).toBe(pairs);
    expect(succeeded(await importing(encrypt(token))).status).toBe(201);
  });

  it('that was under way when the first was done changes nothing: what was retrieved stays good', async () => {
    const request = post();
    let token: RetrievedImportTokenBody | undefined;
    const slow = slowedManager(test, async () => {
      if (token !== undefined) return;
      succeeded(await send(test.here, request));
      token = await retrieved();
    });
    succeeded(await send(slow, request));
    expect(refusalOf(await send(test.here, get()))).toBe('IMPORT_TOKEN_EXPIRED_ERR');
    expect(succeeded(await importing(encrypt(token!))).status).toBe(201);
  });

  it('takes no place of a later token', async () => {
    const request = post({ retrievalsMax: 4 });
    const first = tokenOf(await send(test.here, request));
    await made({ retrievalsMax: 2 });
    expect(tokenOf(await send(test.elsewhere, request))).toEqual(first);
    expect((await retrieved()).maxAllowedRetrievals).toBe(2);
  });

  it('under an idempotency key of other parameters is a conflict', async () => {
    await send(test.here, post({}, { token: idempotent('mine', 'one') }));
    const other = post({ retrievalsMax: 2 }, { token: idempotent('mine', 'two') });
    expect(refusalOf(await send(test.elsewhere, other))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });
});
