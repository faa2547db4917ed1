// Root keys that come with an import token: imported, rotated and restored over two zones.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TokenMaterial } from '@zonehold/api-contract';
import type { KeyCreateImportAccess } from '@zonehold/key-domain';
import { Deadline } from '@zonehold/primitives';
import { encrypt, tokenClient } from '../testing/import-tokens.ts';
import {
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

let test: TestRegion;
const { made, retrieved, create, importing } = tokenClient(() => test);

beforeEach(async () => {
  test = await startRegion();
});

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
