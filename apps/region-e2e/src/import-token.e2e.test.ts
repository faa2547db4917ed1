// The documented secure import through the official Node SDK: a token is made and retrieved, material is encrypted on the client's
// side with node:crypto, and the key works in every zone.
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion, filesBelow } from './region.ts';
import { refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const [here, elsewhere] = region.zones.map(
  (zone) => new SdkClient({ ...region.sdkOptions('MANAGER'), url: region.zoneUrl(zone) }),
) as [SdkClient, SdkClient];
const reader = new SdkClient(region.sdkOptions('READER'));
const instance = { bluemixInstance: region.instanceId };

afterAll(() => [here, elsewhere, reader].forEach((client) => client.close()));

interface Token {
  readonly payload: string;
  readonly nonce: string;
  readonly remainingRetrievals: number;
}

interface Limits {
  readonly expiration?: number;
  readonly maxAllowedRetrievals?: number;
}

const post = (client: SdkClient, limits: Limits) =>
  client.api.postImportToken({ ...instance, ...limits });

/** Sends again what is answered 503: on a busy machine a key pair may not be ready in time, and clients are told to. */
async function made(client: SdkClient, limits: Limits) {
  const responses: Awaited<ReturnType<typeof post>>[] = [];
  await eventually('an import token is made', 30_000, async () => {
    responses.push(await post(client, limits));
    return true;
  });
  return responses[0]!;
}

async function retrieved(client: SdkClient): Promise<Token> {
  const response = await client.api.getImportToken(instance);
  expect(response.status).toBe(200);
  return response.result as unknown as Token;
}

/** Material under the token's key, the token's nonce under the material (reference §10.3). */
function encrypt(token: Token, material: Buffer, nonce = Buffer.from(token.nonce, 'base64')) {
  const key = Buffer.from(token.payload, 'base64').toString('utf8');
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material, iv);
  const encryptedNonce = [cipher.update(nonce), cipher.final(), cipher.getAuthTag()];
  return {
    payload: publicEncrypt({ key, padding, oaepHash: 'sha256' }, material).toString('base64'),
    encryptedNonce: Buffer.concat(encryptedNonce).toString('base64'),
    iv: iv.toString('base64'),
    encryptionAlgorithm: 'RSAES_OAEP_SHA_256',
  };
}

const root = { name: 'secure import', extractable: false };

describe('an import token', () => {
  it('is made without key or nonce, and retrieved as often as it allows, in any zone', async () => {
    const { status, result } = await made(here, { expiration: 600, maxAllowedRetrievals: 2 });
    expect(status).toBe(200);
    expect(result).toMatchObject({ maxAllowedRetrievals: 2, remainingRetrievals: 2 });
    expect(result).not.toHaveProperty('payload');
    const [first, second] = [await retrieved(elsewhere), await retrieved(here)];
    expect([first.remainingRetrievals, second.remainingRetrievals]).toEqual([1, 0]);
    expect(second.payload).toBe(first.payload);
    expect(await refusalOf(elsewhere.api.getImportToken(instance))).toMatchObject({
      status: 409,
      code: 'IMPORT_TOKEN_EXPIRED_ERR',
    });
  });

  it('is for Writers, and for the seconds that the contract knows', async () => {
    expect(await refusalOf(post(reader, {}))).toMatchObject({ status: 401 });
    expect(await refusalOf(reader.api.getImportToken(instance))).toMatchObject({ status: 401 });
    expect(await refusalOf(post(here, { expiration: 299 }))).toMatchObject({
      status: 400,
      code: 'INVALID_FIELD_ERR',
    });
  });

  it('with a Correlation-Id is counted once however often that is sent', async () => {
    await made(here, { maxAllowedRetrievals: 2 });
    const correlationId = '5d1c9a5e-4f9e-4bd4-8d0c-2b7f0a1c3e55';
    const ask = async (client: SdkClient): Promise<unknown> =>
      (await client.api.getImportToken({ ...instance, correlationId })).result;
    const first = await ask(here);
    expect(await ask(elsewhere)).toEqual(first);
    expect((await retrieved(elsewhere)).remainingRetrievals).toBe(0);
  });
});

describe('a secure import', () => {
  it('makes a root key of the very material, which its token may rotate, in every zone', async () => {
    await made(here, {});
    const token = await retrieved(elsewhere);
    const material = randomBytes(32);
    const key = await here.createKey({ ...root, ...encrypt(token, material) });
    expect(key).toMatchObject({ imported: true, state: 1, extractable: false });
    const twin = await here.createKey({ ...root, payload: material.toString('base64') });
    const { plaintext, ciphertext } = await elsewhere.wrap(key.id);
    expect((await here.unwrap(twin.id, { ciphertext })).plaintext).toBe(plaintext);

    const next = randomBytes(32);
    const rotated = await elsewhere.api.rotateKey({
      ...instance,
      id: key.id,
      keyActionRotateBody: Buffer.from(JSON.stringify(encrypt(token, next))),
    });
    expect(rotated.status).toBe(204);
    expect(await here.versions(key.id)).toHaveLength(2);
    expect(await here.unwrap(key.id, { ciphertext })).toMatchObject({ plaintext });
  });

  it('is refused by code: another nonce, another iv, a token that was replaced, half of its members', async () => {
    await made(here, {});
    const old = await retrieved(here);
    await made(elsewhere, {});
    const token = await retrieved(here);
    const material = randomBytes(32);
    const good = encrypt(token, material);
    const importing = (members: object) => refusalOf(elsewhere.createKey({ ...root, ...members }));
    const status = 400;
    const foreign = encrypt(token, material, Buffer.from(old.nonce, 'base64'));
    expect(await importing(foreign)).toMatchObject({ status, code: 'INCORRECT_NONCE_ERR' });
    const iv = randomBytes(12).toString('base64');
    const undecipherable = { status, code: 'INCORRECT_NONCE_IV_ERR' };
    const wrongIv = await importing({ ...good, iv });
    const replaced = await importing(encrypt(old, material));
    expect([wrongIv, replaced]).toMatchObject([undecipherable, undecipherable]);
    expect(replaced.message).toBe(wrongIv.message);
    const half = await importing({ payload: good.payload, encryptedNonce: good.encryptedNonce });
    expect(half).toMatchObject({ status, code: 'INVALID_FIELD_ERR' });
    const standard = await importing({ ...good, extractable: true });
    expect(standard).toMatchObject({ status, code: 'KEY_ROOT_REQ_ERR' });
  });

  it('leaves its material in no file of the region, and neither key nor nonce in a log', async () => {
    await made(here, {});
    const token = await retrieved(here);
    const material = randomBytes(32);
    const sent = encrypt(token, material);
    const { id } = await here.createKey({ ...root, ...sent });
    const files = filesBelow(region.regionDir)
      .filter((path) => !path.endsWith('.sock'))
      .map((path) => ({ path, bytes: readFileSync(path) }));
    const texts = ['base64', 'base64url', 'hex'].map((encoding) =>
      material.toString(encoding as BufferEncoding),
    );
    const holding = (marker: string | Buffer, end: string): readonly string[] =>
      files
        .filter(({ path, bytes }) => path.endsWith(end) && bytes.includes(marker))
        .map(({ path }) => path);
    expect([material, ...texts, sent.payload].flatMap((marker) => holding(marker, ''))).toEqual([]);
    expect(
      [token.nonce, token.payload, sent.encryptedNonce, sent.iv].flatMap((marker) =>
        holding(marker, '.log'),
      ),
    ).toEqual([]);
    // The search itself finds something: the key's name is in Redis.
    expect(holding(id, '.aof')).not.toEqual([]);
  });
});
