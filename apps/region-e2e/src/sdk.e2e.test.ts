// A key's whole life through @ibm-cloud/ibm-key-protect from npm, and the refusals an application would meet.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion } from './region.ts';
import { refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const manager = new SdkClient(region.sdkOptions('MANAGER'));
const reader = new SdkClient(region.sdkOptions('READER'));
const readerPlus = new SdkClient(region.sdkOptions('READERPLUS'));
const writer = new SdkClient(region.sdkOptions('WRITER'));
const clients = [manager, reader, readerPlus, writer];

afterAll(() => clients.forEach((client) => client.close()));

/** The contract waits 30 s between a disable or delete and its reversal: begun here, finished by the last tests. */
const waiting: {
  disabledId?: string;
  deletedId?: string;
  ciphertext?: string;
  plaintext?: string;
} = {};

beforeAll(async () => {
  const disabled = await manager.createKey({ name: 'to be disabled', extractable: false });
  const deleted = await manager.createKey({ name: 'to be deleted', extractable: false });
  const plaintext = randomBytes(32).toString('base64');
  waiting.plaintext = plaintext;
  waiting.ciphertext = (await manager.wrap(disabled.id, { plaintext })).ciphertext;
  expect(await manager.disable(disabled.id)).toBe(204);
  await manager.deleteKey(deleted.id);
  waiting.disabledId = disabled.id;
  waiting.deletedId = deleted.id;
});

describe('the official Node SDK', () => {
  it('creates a root key and gets terse and full views of it', async () => {
    const created = await manager.createKey({
      name: 'payroll root',
      extractable: false,
      description: 'wraps payroll DEKs',
    });
    expect(created).toMatchObject({
      name: 'payroll root',
      state: 1,
      extractable: false,
      imported: false,
      deleted: false,
    });
    expect(created['lastUpdateDate']).toBeUndefined();
    expect(created['crn']).toMatch(
      /^crn:v1:bluemix:public:kms:us-south:a\/[0-9a-f]{32}:[0-9a-f-]{36}:key:[0-9a-f-]{36}$/,
    );
    expect(created['crn']).toContain(`${region.instanceId}:key:${created.id}`);
    const full = await manager.metadata(created.id);
    expect(full['keyVersion']).toMatchObject({ id: created.id });
    expect(full.payload).toBeUndefined();
    expect((await manager.getKey(created.id)).payload).toBeUndefined();
  });

  it('reads the payload of a standard key back, byte for byte', async () => {
    const payload = randomBytes(777).toString('base64');
    const key = await manager.createKey({ name: 'database password', extractable: true, payload });
    expect((await readerPlus.getKey(key.id)).payload).toBe(payload);
    expect((await manager.metadata(key.id)).payload).toBeUndefined();
  });

  it('lists the keys it created, page by page', async () => {
    const created = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        manager.createKey({ name: `listed ${index}`, extractable: false }),
      ),
    );
    const listed = new Set<string>();
    for (let offset = 0; ; offset += 3) {
      const page = await manager.listKeys({ limit: 3, offset });
      page.forEach((key) => listed.add(key.id));
      if (page.length < 3) break;
    }
    expect(created.filter((key) => !listed.has(key.id))).toEqual([]);
  });

  it('wraps a data key of its own and one the service makes, and unwraps both', async () => {
    const key = await manager.createKey({ name: 'wraps', extractable: false });
    const plaintext = randomBytes(32).toString('base64');
    const own = await reader.wrap(key.id, { plaintext, aad: ['tenant 7', 'invoice'] });
    expect(own.plaintext).toBeUndefined();
    expect(own.keyVersion.id).toBe(key.id);
    const opened = await reader.unwrap(key.id, {
      ciphertext: own.ciphertext,
      aad: ['tenant 7', 'invoice'],
    });
    expect(opened.plaintext).toBe(plaintext);
    expect(opened.ciphertext).toBeUndefined();
    const made = await reader.wrap(key.id);
    expect(Buffer.from(made.plaintext ?? '', 'base64')).toHaveLength(32);
    expect((await reader.unwrap(key.id, { ciphertext: made.ciphertext })).plaintext).toBe(
      made.plaintext,
    );
  });

  it('rotates a key; old ciphertexts unwrap and come back wrapped by the newest version', async () => {
    const key = await manager.createKey({ name: 'rotates', extractable: false });
    const old = await manager.wrap(key.id);
    expect(await writer.rotate(key.id)).toBe(204);
    const versions = await manager.versions(key.id);
    expect(versions).toHaveLength(2);
    expect(versions[1]?.id).toBe(key.id);
    const opened = await manager.unwrap(key.id, { ciphertext: old.ciphertext });
    expect(opened).toMatchObject({
      plaintext: old.plaintext,
      keyVersion: { id: key.id },
      rewrappedKeyVersion: { id: versions[0]?.id },
    });
    const rewrapped = await manager.rewrap(key.id, { ciphertext: old.ciphertext });
    expect(rewrapped.plaintext).toBeUndefined();
    const again = await manager.unwrap(key.id, { ciphertext: rewrapped.ciphertext ?? '' });
    expect(again).toMatchObject({ plaintext: old.plaintext, keyVersion: { id: versions[0]?.id } });
    expect(again.rewrappedKeyVersion).toBeUndefined();
  });

  it('imports material of 16, 24 and 32 bytes; two keys with equal material unwrap each other', async () => {
    for (const size of [16, 24, 32]) {
      const payload = randomBytes(size).toString('base64');
      const first = await manager.createKey({
        name: `imported ${size}`,
        extractable: false,
        payload,
      });
      const second = await manager.createKey({
        name: `imported ${size} twin`,
        extractable: false,
        payload,
      });
      expect(first['imported']).toBe(true);
      const wrapped = await manager.wrap(first.id);
      expect((await manager.unwrap(second.id, { ciphertext: wrapped.ciphertext })).plaintext).toBe(
        wrapped.plaintext,
      );
      expect(await manager.rotate(first.id, randomBytes(32).toString('base64'))).toBe(204);
    }
  });

  it('deletes a key and still shows what it was', async () => {
    const key = await manager.createKey({ name: 'deleted', extractable: false });
    const gone = await manager.deleteKey(key.id, 'return=representation');
    expect(gone).toMatchObject({ id: key.id, state: 5, deleted: true });
    expect((await manager.metadata(key.id)).state).toBe(5);
    expect(
      (await manager.listKeys({ state: [5], limit: 5000 })).some((entry) => entry.id === key.id),
    ).toBe(true);
    expect((await manager.listKeys({ limit: 5000 })).some((entry) => entry.id === key.id)).toBe(
      false,
    );
  });
});

describe('refusals, by status and code', () => {
  const notFound = { status: 404, code: 'KEY_NOT_FOUND_ERR' };

  it('an unknown key is not found', async () => {
    expect(await refusalOf(manager.getKey(randomUUID()))).toMatchObject(notFound);
  });

  it('a name of one character is an invalid field', async () => {
    const call = manager.createKey({ name: 'x', extractable: false });
    expect(await refusalOf(call)).toMatchObject({ status: 400, code: 'INVALID_FIELD_ERR' });
  });

  it('a root key of 17 bytes is an invalid field', async () => {
    const payload = randomBytes(17).toString('base64');
    const call = manager.createKey({ name: 'odd', extractable: false, payload });
    expect(await refusalOf(call)).toMatchObject({ status: 400, code: 'INVALID_FIELD_ERR' });
  });

  it('a page of nothing is an invalid query parameter', async () => {
    expect(await refusalOf(manager.listKeys({ limit: 0 }))).toMatchObject({
      status: 400,
      code: 'INVALID_QUERY_PARAM_ERR',
    });
  });

  it('a standard key does not wrap', async () => {
    const key = await manager.createKey({ name: 'standard', extractable: true });
    expect(await refusalOf(manager.wrap(key.id))).toMatchObject({
      status: 400,
      code: 'KEY_ROOT_REQ_ERR',
    });
  });

  it('an imported key does not rotate without new material', async () => {
    const payload = randomBytes(32).toString('base64');
    const key = await manager.createKey({ name: 'imported', extractable: false, payload });
    expect(await refusalOf(manager.rotate(key.id))).toMatchObject({
      status: 400,
      code: 'KEY_PAYLOAD_REQ_ERR',
    });
  });

  it('a key rotates once an hour', async () => {
    const key = await manager.createKey({ name: 'rotates once', extractable: false });
    await manager.rotate(key.id);
    expect(await refusalOf(manager.rotate(key.id))).toMatchObject({
      status: 409,
      code: 'KEY_ROTATION_NOT_PERMITTED',
    });
  });

  it('a tampered ciphertext, other AAD and another key are one and the same refusal', async () => {
    const key = await manager.createKey({ name: 'tampered', extractable: false });
    const other = await manager.createKey({ name: 'another', extractable: false });
    const { ciphertext } = await manager.wrap(key.id, { aad: ['a', 'b'] });
    const bytes = Buffer.from(ciphertext, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const refusals = await Promise.all([
      refusalOf(manager.unwrap(key.id, { ciphertext: bytes.toString('base64'), aad: ['a', 'b'] })),
      refusalOf(manager.unwrap(key.id, { ciphertext, aad: ['b', 'a'] })),
      refusalOf(manager.unwrap(other.id, { ciphertext, aad: ['a', 'b'] })),
    ]);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ status: 422, code: 'UNPROCESSABLE_CIPHERTEXT_ERR' });
    }
    expect(new Set(refusals.map((refusal) => refusal.message)).size).toBe(1);
  });

  it('a disabled key neither wraps nor unwraps', async () => {
    const id = waiting.disabledId ?? '';
    const conflict = { status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' };
    expect(await refusalOf(manager.wrap(id))).toMatchObject(conflict);
    expect(
      await refusalOf(manager.unwrap(id, { ciphertext: waiting.ciphertext ?? '' })),
    ).toMatchObject(conflict);
    expect(await refusalOf(manager.disable(id))).toMatchObject(conflict);
  });

  it('a key is not enabled within 30 seconds of its disabling', async () => {
    const key = await manager.createKey({ name: 'too early', extractable: false });
    await manager.disable(key.id);
    expect(await refusalOf(manager.enable(key.id))).toMatchObject({
      status: 409,
      code: 'REQ_TOO_EARLY_ERR',
    });
  });

  it('a deleted key is gone for use and for a second delete', async () => {
    const id = waiting.deletedId ?? '';
    expect(await refusalOf(manager.deleteKey(id))).toMatchObject({
      status: 410,
      code: 'KEY_DELETED_ERR',
    });
    expect((await refusalOf(manager.wrap(id))).status).toBe(410);
  });

  it('a Reader may wrap but not create, read payloads or delete: 401 without reasons', async () => {
    const key = await manager.createKey({ name: 'guarded', extractable: true });
    for (const call of [
      () => reader.createKey({ name: 'not allowed', extractable: false }),
      () => reader.getKey(key.id),
      () => writer.deleteKey(key.id),
    ]) {
      expect(await refusalOf(call())).toMatchObject({ status: 401, code: undefined });
    }
  });

  it('missing rights win over a malformed body', async () => {
    expect(await refusalOf(reader.createKey({ name: 'x', extractable: false }))).toMatchObject({
      status: 401,
      code: undefined,
    });
  });

  it('registrations are none where no service has made any', async () => {
    const { id } = await manager.createKey({ name: 'protects nothing', extractable: false });
    const listed = await manager.api.getRegistrations({ bluemixInstance: region.instanceId, id });
    expect(listed.status).toBe(200);
    expect(listed.result.resources ?? []).toEqual([]);
  });
});

describe("after the contract's 30 seconds", () => {
  it('a disabled key is enabled and unwraps what it had wrapped', async () => {
    const id = waiting.disabledId ?? '';
    await eventually('the key is enabled', 45_000, async () => (await manager.enable(id)) === 204);
    const opened = await manager.unwrap(id, { ciphertext: waiting.ciphertext ?? '' });
    expect(opened.plaintext).toBe(waiting.plaintext);
  });

  it('a deleted key is restored and wraps again', async () => {
    const id = waiting.deletedId ?? '';
    await eventually(
      'the key is restored',
      45_000,
      async () => (await manager.restore(id)) === 201,
    );
    expect((await manager.metadata(id)).state).toBe(1);
    expect((await manager.wrap(id)).ciphertext).not.toBe('');
  });
});
