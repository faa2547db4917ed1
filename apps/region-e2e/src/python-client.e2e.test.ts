// IBM's own Python client (the version in clients/python/requirements.txt) against the region.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PythonClient } from './python-client.ts';
import { attachRegion } from './region.ts';

const region = attachRegion();
const python = new PythonClient();

beforeAll(() => python.install(), 180_000);
afterAll(() => python.remove());

describe('the Python client', () => {
  it('makes, uses, rotates, disables and deletes keys, and reads every refusal', async () => {
    const seen = await python.tell('life', region);
    expect(seen).toMatchObject({
      created: { name: 'python root', state: 1, extractable: false },
      rotated: 204,
      isSame: true,
      isRewrapped: true,
      rewrap: ['ciphertext', 'keyVersion', 'rewrappedKeyVersion'],
      versions: { collectionTotal: 2, totalCount: 2 },
      legacy: ['ciphertext', 'keyVersion', 'plaintext'],
      disabled: 204,
      whileDisabled: { status: 409, code: 'KEY_ACTION_INVALID_STATE_ERR' },
      enabledEarly: { status: 409, code: 'REQ_TOO_EARLY_ERR' },
      deleted: { state: 5 },
      restoredEarly: { status: 409, code: 'REQ_TOO_EARLY_ERR' },
      unknown: { status: 404, code: 'KEY_NOT_FOUND_ERR' },
    });
    expect(Number(seen['total'])).toBeGreaterThan(0);
  });

  it('names keys, finds them, moves them between rings, and rules them', async () => {
    const { id, ...seen } = await python.tell('organise', region);
    expect(seen).toMatchObject({
      alias: 201,
      named: id,
      moved: { id },
      isListed: true,
      ringInUse: { status: 409, code: 'KEY_RING_NOT_EMPTY_ERR' },
      policies: [{ rotation: { enabled: true, interval_month: 2 } }],
      found: [id],
      registrations: { collectionTotal: 0, totalCount: 0 },
    });
  });

  it('makes and reads an import token, writing whole numbers as floats', async () => {
    expect(await python.tell('import', region)).toMatchObject({
      made: { maxAllowedRetrievals: 2, remainingRetrievals: 2 },
      remaining: 1,
      nonceBytes: 12,
      pem: '-----BEGIN PUBLIC KEY-----',
    });
  });
});
