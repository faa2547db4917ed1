// Import tokens over two zones: made, retrieved a counted number of times, and root keys imported, rotated and restored with them.
// The client's side is node:crypto, as the documented flow says.
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  OperationReply,
  OperationRequest,
  RetrievedImportTokenBody,
  TokenMaterial,
} from '@zonehold/api-contract';
import type { KeyCreateImportAccess } from '@zonehold/key-domain';
import { Deadline, KmsError } from '@zonehold/primitives';
import {
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const ask = { lifetimeS: 600, retrievalsMax: 1 };
const post = (over: Partial<typeof ask> = {}, members: Partial<OperationRequest> = {}) =>
  requestOf(test, 'postImportToken', { body: { ...ask, ...over }, ...members });
const get = (members: Partial<OperationRequest> = {}) => requestOf(test, 'getImportToken', members);

const tokenOf = (reply: OperationReply): RetrievedImportTokenBody =>
  succeeded(reply).body as unknown as RetrievedImportTokenBody;
const made = async (over: Partial<typeof ask> = {}) => tokenOf(await send(test.here, post(over)));
const retrieved = async (manager: TestManager = test.elsewhere) =>
  tokenOf(await send(manager, get()));

/** The documented flow, on the client's side (reference §10.3). */
function encrypt(
  token: Pick<RetrievedImportTokenBody, 'payload' | 'nonce'>,
  material = randomBytes(32),
): TokenMaterial {
  const key = Buffer.from(token.payload, 'base64').toString('utf8');
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material, iv);
  const nonce = [cipher.update(Buffer.from(token.nonce, 'base64')), cipher.final()];
  return {
    payload: publicEncrypt({ key, padding, oaepHash: 'sha256' }, material).toString('base64'),
    encryptedNonce: Buffer.concat([...nonce, cipher.getAuthTag()]).toString('base64'),
    iv: iv.toString('base64'),
  };
}

const create = (body: object, members: Partial<OperationRequest> = {}) =>
  requestOf(test, 'createKey', {
    body: { name: 'imported', isExtractable: false, ...body },
    ...members,
  });
const importing = (tokenMaterial: TokenMaterial, manager = test.here): Promise<OperationReply> =>
  send(manager, create({ tokenMaterial }));

async function unwrapped(keyRef: string, ciphertext: string): Promise<string> {
  const request = requestOf(test, 'unwrapKey', { keyRef, body: { ciphertext, aad: [] } });
  return succeeded(await send(test.elsewhere, request)).body.plaintext;
}

async function wrapped(keyRef: string) {
  const request = requestOf(test, 'wrapKey', { keyRef, body: { aad: [] } });
  return succeeded(await send(test.here, request)).body;
}

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

describe('a root key that is imported with a token', () => {
  it('holds the material: a key with the same, imported plainly, unwraps what it wraps', async () => {
    await made();
    const material = randomBytes(32);
    const reply = succeeded(await importing(encrypt(await retrieved(), material)));
    expect(reply.status).toBe(201);
    const [key] = reply.body.resources;
    expect([key.imported, key.extractable]).toEqual([true, false]);
    expect(JSON.stringify(reply.body)).not.toContain('encryptedNonce');
    const twin = await makeKey(test, { payload: material.toString('base64') });
    const { plaintext, ciphertext } = await wrapped(key.id);
    expect(await unwrapped(twin, ciphertext)).toBe(plaintext);
  });

  it('may be followed by others with the same token, until that expires', async () => {
    await made({ lifetimeS: 300 });
    const token = await retrieved();
    for (const manager of [test.here, test.elsewhere]) {
      expect(succeeded(await importing(encrypt(token), manager)).status).toBe(201);
    }
    test.clock.advance(300_000);
    const opened = test.crypto.countOf('importMaterial');
    expect(refusalOf(await importing(encrypt(token)))).toBe('IMPORT_TOKEN_EXPIRED_ERR');
    expect(test.crypto.countOf('importMaterial')).toBe(opened);
  });

  it.each([
    ['INCORRECT_NONCE_IV_ERR', 'another iv', { iv: randomBytes(12).toString('base64') }],
    ['INCORRECT_NONCE_IV_ERR', 'noise', { payload: randomBytes(128).toString('base64') }],
    [
      'INCORRECT_NONCE_IV_ERR',
      'an altered nonce',
      { encryptedNonce: randomBytes(28).toString('base64') },
    ],
  ])('is refused with %s for %s, which leaves nothing behind', async (code, _what, over) => {
    await made();
    const tokenMaterial = { ...encrypt(await retrieved()), ...over };
    const refused = create({ tokenMaterial, aliases: ['payroll'] });
    expect(refusalOf(await send(test.here, refused))).toBe(code);
    const { aliases } = test.elsewhere.operations;
    const deadline = Deadline.after(test.clock, 1_000);
    expect(await aliases.keyIdOf(test.instanceId, 'payroll', deadline)).toBeUndefined();
  });

  it('is refused with INCORRECT_NONCE_ERR for the nonce of somebody else', async () => {
    await made();
    const nonce = randomBytes(12).toString('base64');
    const foreign = encrypt({ ...(await retrieved()), nonce });
    expect(refusalOf(await importing(foreign))).toBe('INCORRECT_NONCE_ERR');
  });

  it('is found by a repeat of its create, also after the token has expired', async () => {
    await made({ lifetimeS: 300 });
    const request = create(
      { tokenMaterial: encrypt(await retrieved()) },
      { token: idempotent('once') },
    );
    const [first] = succeeded(await send(test.here, request)).body.resources;
    test.clock.advance(300_000);
    const [again] = succeeded(await send(test.elsewhere, request)).body.resources;
    expect(again.id).toBe(first.id);
  });

  it('inherits no rotation policy, and cannot be given one with it', async () => {
    await made();
    const tokenMaterial = encrypt(await retrieved());
    const policyOverrides = { rotation: { isEnabled: true, intervalMonths: 1 } };
    const body = { name: 'imported', isExtractable: false, tokenMaterial, policyOverrides };
    const request = requestOf(test, 'createKeyWithPoliciesOverrides', { body });
    expect(refusalOf(await send(test.here, request))).toBe('INVALID_FIELD_ERR');
  });

  it('with policy overrides is made by them', async () => {
    await made();
    const tokenMaterial = encrypt(await retrieved());
    const policyOverrides = { dualAuthDelete: { isEnabled: true } };
    const body = { name: 'imported', isExtractable: false, tokenMaterial, policyOverrides };
    const request = requestOf(test, 'createKeyWithPoliciesOverrides', { body });
    expect(succeeded(await send(test.here, request)).status).toBe(201);
  });
});

describe('rotate and restore with a token', () => {
  let keyRef: string;
  beforeEach(async () => {
    keyRef = await makeKey(test, { payload: randomBytes(32).toString('base64') });
    await made();
  });
  const rotating = (tokenMaterial: TokenMaterial) =>
    requestOf(test, 'rotateKey', { keyRef, body: { tokenMaterial } });
  const restoring = (tokenMaterial: TokenMaterial) =>
    requestOf(test, 'restoreKey', { keyRef, body: { hasPayload: true, tokenMaterial } });
  const deleted = async (): Promise<void> => {
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef })));
    test.clock.advance(31_000);
  };

  it('rotate puts the material in front', async () => {
    const material = randomBytes(32);
    const request = rotating(encrypt(await retrieved(), material));
    expect(succeeded(await send(test.here, request)).status).toBe(204);
    expect(succeeded(await send(test.elsewhere, request)).status).toBe(204);
    const twin = await makeKey(test, { payload: material.toString('base64') });
    const { plaintext, ciphertext } = await wrapped(keyRef);
    expect(await unwrapped(twin, ciphertext)).toBe(plaintext);
  });

  it('rotate is refused by the key before anything is opened', async () => {
    const generated = await makeKey(test);
    const tokenMaterial = encrypt(await retrieved());
    const request = requestOf(test, 'rotateKey', { keyRef: generated, body: { tokenMaterial } });
    expect(refusalOf(await send(test.here, request))).toBe('INVALID_QUERY_PARAM_ERR');
    expect(test.crypto.countOf('importMaterial')).toBe(0);
  });

  it('rotate with what does not open changes nothing', async () => {
    const foreign = encrypt({ ...(await retrieved()), nonce: randomBytes(12).toString('base64') });
    expect(refusalOf(await send(test.here, rotating(foreign)))).toBe('INCORRECT_NONCE_ERR');
    const { keyVersion } = await wrapped(keyRef);
    expect(keyVersion.id).toBe(keyRef);
  });

  it('restore brings back the versions there were, if what came opens', async () => {
    const token = await retrieved();
    const { plaintext, ciphertext } = await wrapped(keyRef);
    await deleted();
    const foreign = encrypt({ ...token, nonce: randomBytes(12).toString('base64') });
    expect(refusalOf(await send(test.here, restoring(foreign)))).toBe('INCORRECT_NONCE_ERR');
    expect(succeeded(await send(test.elsewhere, restoring(encrypt(token)))).status).toBe(201);
    expect(await unwrapped(keyRef, ciphertext)).toBe(plaintext);
  });

  it('restore of a standard key takes no token', async () => {
    const token = await retrieved();
    keyRef = await makeKey(test, { isExtractable: true });
    await deleted();
    expect(refusalOf(await send(test.here, restoring(encrypt(token))))).toBe('KEY_ROOT_REQ_ERR');
  });

  it('restore of a generated key takes no material', async () => {
    keyRef = await makeKey(test, { isExtractable: false });
    await deleted();
    const body = { hasPayload: true };
    const given = requestOf(test, 'restoreKey', { keyRef, body });
    expect(refusalOf(await send(test.here, given))).toBe('KEY_IMPT_REQ_ERR');
  });

  it('restore of a key that is not deleted is refused for that, whatever came', async () => {
    const noise = { ...encrypt(await retrieved()), iv: randomBytes(12).toString('base64') };
    expect(refusalOf(await send(test.here, restoring(noise)))).toBe('KEY_ACTION_INVALID_STATE_ERR');
  });
});

describe('a policy that enforces tokens', () => {
  const policy = async (over: Partial<KeyCreateImportAccess>): Promise<void> => {
    const kinds = { createRootKey: true, createStandardKey: true };
    const imports = { importRootKey: true, importStandardKey: true, enforceToken: false };
    const access = { ...kinds, ...imports, ...over };
    const body = { keyCreateImportAccess: { isEnabled: true, access } };
    succeeded(await send(test.here, requestOf(test, 'putInstancePolicy', { body, query: {} })));
  };
  const payload = randomBytes(32).toString('base64');

  it('lets root keys be imported, rotated and restored with one', async () => {
    await made();
    const token = await retrieved();
    await policy({ enforceToken: true, importRootKey: false });
    const [{ id: keyRef }] = succeeded(await importing(encrypt(token))).body.resources;
    const rotate = requestOf(test, 'rotateKey', {
      keyRef,
      body: { tokenMaterial: encrypt(token) },
    });
    expect(succeeded(await send(test.here, rotate)).status).toBe(204);
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef })));
    test.clock.advance(31_000);
    const body = { hasPayload: true, tokenMaterial: encrypt(token) };
    const restore = requestOf(test, 'restoreKey', { keyRef, body });
    expect(succeeded(await send(test.elsewhere, restore)).status).toBe(201);
  });

  it('refuses standard imports, since they can have none', async () => {
    await policy({ enforceToken: true });
    const standard = create({ isExtractable: true, payload });
    expect(refusalOf(await send(test.here, standard))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
  });

  it('that forbids imports and no more forbids those with a token too, and opens nothing', async () => {
    await made();
    const token = await retrieved();
    await policy({ importRootKey: false });
    expect(refusalOf(await importing(encrypt(token)))).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    expect(test.crypto.countOf('importMaterial')).toBe(0);
  });
});
