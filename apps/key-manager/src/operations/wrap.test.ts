import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '@zonehold/api-contract';
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
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const on = (operation: OperationName, body: unknown) =>
  requestOf(test, operation, { keyRef, body });
const dek = Buffer.from('a data encryption key').toString('base64');

describe('wrap and unwrap', () => {
  it('give back what was wrapped, in another zone too, and say which version did it', async () => {
    const wrapped = succeeded(
      await send(test.here, on('wrapKey', { plaintext: dek, aad: [] })),
    ).body;
    expect(wrapped).not.toHaveProperty('plaintext');
    expect(wrapped.keyVersion.id).toBe(keyRef);
    const { ciphertext } = wrapped;
    const opened = await send(test.elsewhere, on('unwrapKey', { ciphertext, aad: [] }));
    expect(succeeded(opened).body).toEqual({ plaintext: dek, keyVersion: { id: keyRef } });
  });

  it('make a DEK when none is given', async () => {
    const { body } = succeeded(await send(test.here, on('wrapKey', { aad: [] })));
    expect(Buffer.from(body.plaintext, 'base64')).toHaveLength(32);
  });

  it('keep the order of the AAD, and answer 422 without a reason for everything that does not open', async () => {
    const wrap = on('wrapKey', { plaintext: dek, aad: ['one', 'two'] });
    const { ciphertext } = succeeded(await send(test.here, wrap)).body;
    const right = on('unwrapKey', { ciphertext, aad: ['one', 'two'] });
    expect(succeeded(await send(test.here, right)).body.plaintext).toBe(dek);
    const tampered = `${ciphertext.startsWith('A') ? 'B' : 'A'}${ciphertext.slice(1)}`;
    const other = requestOf(test, 'unwrapKey', {
      keyRef: await makeKey(test),
      body: { ciphertext, aad: ['one', 'two'] },
    });
    for (const request of [
      on('unwrapKey', { ciphertext, aad: ['two', 'one'] }),
      on('unwrapKey', { ciphertext, aad: [] }),
      on('unwrapKey', { ciphertext: tampered, aad: ['one', 'two'] }),
      on('rewrapKey', { ciphertext, aad: ['two'] }),
      other,
    ]) {
      const reply = await send(test.here, request);
      expect(reply).toEqual({ ok: false, refusal: { code: 'UNPROCESSABLE_CIPHERTEXT_ERR' } });
    }
  });

  it('rewrap gives a fresh ciphertext and never a plaintext', async () => {
    const { ciphertext } = succeeded(await send(test.here, on('wrapKey', { aad: [] }))).body;
    const { body } = succeeded(await send(test.here, on('rewrapKey', { ciphertext, aad: [] })));
    expect(body.ciphertext).not.toBe(ciphertext);
    expect(body).toMatchObject({ keyVersion: { id: keyRef }, rewrappedKeyVersion: { id: keyRef } });
    expect(body).not.toHaveProperty('plaintext');
  });

  it('are for root keys', async () => {
    keyRef = await makeKey(test, { isExtractable: true });
    expect(refusalOf(await send(test.here, on('wrapKey', { aad: [] })))).toBe('KEY_ROOT_REQ_ERR');
  });

  it('an expired key opens what it wrapped and wraps nothing new', async () => {
    keyRef = await makeKey(test, { expiresAtMs: test.clock.wallMs() + 1_000 });
    const { ciphertext } = succeeded(await send(test.here, on('wrapKey', { aad: [] }))).body;
    test.clock.advance(1_001);
    expect(refusalOf(await send(test.here, on('wrapKey', { aad: [] })))).toBe(
      'KEY_ACTION_INVALID_STATE_ERR',
    );
    succeeded(await send(test.here, on('unwrapKey', { ciphertext, aad: [] })));
    succeeded(await send(test.here, on('rewrapKey', { ciphertext, aad: [] })));
  });
});
