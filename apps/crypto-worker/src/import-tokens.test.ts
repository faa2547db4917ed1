// Import tokens as a key-manager has them made and used: the documented flow with node:crypto on the client's side, and refusals
// that say nothing.
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import {
  cryptoWorkerMethods,
  type CreateImportTokenReply,
  type CreateInstanceKeyReply,
  type ImportMaterialReply,
  type UnwrapReply,
  type WrapReply,
} from '@zonehold/api-contract';
import { createRootKey, RegionRoot } from '@zonehold/crypto';
import { Deadline, systemClock, systemRandom } from '@zonehold/primitives';
import { createMetrics } from '@zonehold/telemetry';
import { beforeAll, describe, expect, it } from 'vitest';
import { cryptoWorkerFrameMethods } from './methods.ts';
import { createRoom } from './room.ts';

const place = { clusterId: 'c1', region: 'us-south' };
const root = new RegionRoot(createRootKey(systemRandom), place);
const peer = { ...place, zone: 'us-south-1', service: 'key-manager' } as const;
const health = { service: 'crypto-worker', zone: 'us-south-1', isReady: true };
// Nothing ready: every pair takes its second, so one is made for all tests.
const methods = cryptoWorkerFrameMethods(
  createRoom(root, systemRandom, 0),
  () => ({ ...health, reasons: [], uptimeS: 0 }),
  createMetrics({ service: 'crypto-worker', zone: 'us-south-1', region: 'us-south' }),
);

async function call<Reply>(
  method: keyof typeof cryptoWorkerMethods,
  body: unknown,
): Promise<Reply> {
  const deadline = Deadline.after(systemClock, 60_000);
  const context = { deadline, correlationId: 'test', peer };
  return (await methods[cryptoWorkerMethods[method]]!.handle(body, context)) as Reply;
}

const instanceId = 'i1';
const binding = { instanceId, keyId: 'k1', versionId: 'k1' };
let sealedInstanceKey: string;
let token: CreateImportTokenReply;
beforeAll(async () => {
  ({ sealedInstanceKey } = await call<CreateInstanceKeyReply>('createInstanceKey', { instanceId }));
  const body = { sealedInstanceKey, binding: { instanceId, tokenId: 't1' } };
  token = await call<CreateImportTokenReply>('createImportToken', body);
}, 60_000);

/** What a client makes of a token (reference §10.3). */
function encrypted(material: Buffer, nonce = Buffer.from(token.nonce, 'base64')) {
  const key = { key: token.publicKeyPem, padding: constants.RSA_PKCS1_OAEP_PADDING };
  const payload = publicEncrypt({ ...key, oaepHash: 'sha256' }, material);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material, iv);
  const encryptedNonce = [cipher.update(nonce), cipher.final(), cipher.getAuthTag()];
  return {
    payload: payload.toString('base64'),
    encryptedNonce: Buffer.concat(encryptedNonce).toString('base64'),
    iv: iv.toString('base64'),
  };
}

const importing = (over: object = {}, material = randomBytes(32)) =>
  call<ImportMaterialReply>('importMaterial', {
    ...{ sealedInstanceKey, binding, tokenId: 't1', nonce: token.nonce },
    sealedPrivateKey: token.sealedPrivateKey,
    ...encrypted(material),
    ...over,
  });

const wrapping = async (sealedMaterial: string, plaintext: string) =>
  call<WrapReply>('wrap', {
    ...{ sealedInstanceKey, instanceId, keyId: 'k1', aad: [], plaintext },
    version: { versionId: 'k1', sealedMaterial },
  });

describe('an import token', () => {
  it('is a PEM text, a nonce of 12 bytes, and a private key that is not in the clear', () => {
    expect(token.publicKeyPem).toContain('BEGIN PUBLIC KEY');
    expect(Buffer.from(token.nonce, 'base64')).toHaveLength(12);
    expect(Buffer.from(token.sealedPrivateKey, 'base64').includes('RSA')).toBe(false);
  });

  it('brings material that then wraps and unwraps like the same material in the clear', async () => {
    const material = randomBytes(32);
    const imported = await importing({}, material);
    if (!imported.ok) throw new Error(imported.reason);
    const plaintext = randomBytes(32).toString('base64');
    const { ciphertext } = await wrapping(imported.sealedMaterial, plaintext);
    const plain = { instanceId, keyId: 'k2', versionId: 'k2' };
    const { sealedMaterial } = await call<{ sealedMaterial: string }>('sealMaterial', {
      ...{ sealedInstanceKey, binding: plain, material: material.toString('base64') },
    });
    const opened = await call<UnwrapReply>('unwrap', {
      ...{ sealedInstanceKey, instanceId, keyId: 'k2', ciphertext, aad: [], mode: 'unwrap' },
      versions: [{ versionId: 'k2', sealedMaterial }],
    });
    expect(opened).toMatchObject({ ok: true, plaintext });
  });

  it('refuses another nonce, and what does not open, with one word each', async () => {
    const material = randomBytes(32);
    const other = encrypted(material, randomBytes(12));
    expect(await importing(other)).toEqual({ ok: false, reason: 'other-nonce' });
    const undecipherable = { ok: false, reason: 'undecipherable' };
    const iv = randomBytes(12).toString('base64');
    expect(await importing({ iv })).toEqual(undecipherable);
    const payload = randomBytes(512).toString('base64');
    expect(await importing({ payload })).toEqual(undecipherable);
    const { encryptedNonce } = encrypted(randomBytes(32));
    expect(await importing({ encryptedNonce })).toEqual(undecipherable);
  });

  it('opens nothing under another name, in another instance or in another region', async () => {
    await expect(importing({ tokenId: 't2' })).rejects.toMatchObject({ code: 'INTEGRITY' });
    const other = await call<CreateInstanceKeyReply>('createInstanceKey', { instanceId: 'i2' });
    const moved = { ...other, binding: { ...binding, instanceId: 'i2' } };
    await expect(importing(moved)).rejects.toMatchObject({ code: 'INTEGRITY' });
    const abroad = createRoom(new RegionRoot(createRootKey(systemRandom), place), systemRandom, 0);
    const there = abroad.keys.instanceKey.bind(abroad.keys, instanceId, sealedInstanceKey);
    expect(there).toThrow('does not open in this place');
  });

  it.each([
    ['nonce', { nonce: 'AAAA' }],
    ['encryptedNonce', { encryptedNonce: 'AAAA' }],
    ['iv', { iv: '' }],
    ['payload', { payload: '' }],
    ['payload', { payload: '*' }],
    ['tokenId', { tokenId: undefined }],
    ['binding', { binding: undefined }],
  ])('names the member %s and never its value', async (name, over) => {
    await expect(importing(over)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(`^${name} must be`),
    });
  });
});
