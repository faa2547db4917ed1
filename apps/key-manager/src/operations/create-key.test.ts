import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationRequest } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import { purgeKey } from '@zonehold/key-domain';
import { Deadline, KmsError } from '@zonehold/primitives';
import {
  callerOf,
  openManager,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

const body = { name: 'a key', isExtractable: false };
const hour = 3_600_000;
let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const create = (members: Partial<OperationRequest> = {}): OperationRequest =>
  requestOf(test, 'createKey', { body, ...members });
const token = (kind: 'idempotency-key' | 'correlation', value = 'token', parametersHash = 'p') => ({
  kind,
  value,
  parametersHash,
});

async function idOf(manager: TestManager, request: OperationRequest): Promise<string> {
  return succeeded(await send(manager, request)).body.resources[0].id;
}

async function total(): Promise<number> {
  const reply = await send(test.here, requestOf(test, 'getKeyCollectionMetadata', { query: {} }));
  return Number(succeeded(reply).headers['Key-Total']);
}

describe('a create', () => {
  it('answers 201 with the terse key, whose first version has its id', async () => {
    const { status, body: answer } = succeeded(await send(test.here, create()));
    const [key] = answer.resources;
    expect(status).toBe(201);
    expect(key).toMatchObject({ name: 'a key', state: 1, extractable: false, imported: false });
    expect(key).not.toHaveProperty('lastUpdateDate');
    expect(key.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const versions = requestOf(test, 'getKeyVersions', {
      keyRef: key.id,
      query: { limit: 1, offset: 0, isTotalWanted: false, isAnyStateAllowed: false },
    });
    expect(succeeded(await send(test.elsewhere, versions)).body.resources[0].id).toBe(key.id);
  });

  it('makes two keys of two requests that carry no token', async () => {
    expect(await idOf(test.here, create())).not.toBe(await idOf(test.here, create()));
  });

  it('makes one key when the gateway sends one request to two zones', async () => {
    const request = create();
    const ids = await Promise.all([idOf(test.here, request), idOf(test.elsewhere, request)]);
    expect(ids[0]).toBe(ids[1]);
    expect(await idOf(test.here, request)).toBe(ids[0]);
    expect(await total()).toBe(1);
  });

  it('seals material once, before the round, and answers from the record that was committed', async () => {
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        idOf(at % 2 === 0 ? test.here : test.elsewhere, create({ token: token('correlation') })),
      ),
    );
    const [keyRef] = ids;
    expect(new Set(ids).size).toBe(1);
    expect(test.crypto.countOf('sealMaterial')).toBeLessThanOrEqual(6);
    const wrap = requestOf(test, 'wrapKey', { keyRef: keyRef!, body: { aad: [] } });
    const wrapped = succeeded(await send(test.here, wrap)).body;
    const unwrap = requestOf(test, 'unwrapKey', {
      keyRef: keyRef!,
      body: { ciphertext: wrapped.ciphertext, aad: [] },
    });
    expect(succeeded(await send(test.elsewhere, unwrap)).body.plaintext).toBe(wrapped.plaintext);
  });

  it('refuses an expiration that has passed', async () => {
    const expired = create({ body: { ...body, expiresAtMs: test.clock.wallMs() - 1 } });
    expect(refusalOf(await send(test.here, expired))).toBe('INVALID_FIELD_ERR');
    expect(test.crypto.countOf('sealMaterial')).toBe(0);
  });
});

describe('a create that comes second', () => {
  it('leaves the first one’s material alone: what was wrapped meanwhile opens', async () => {
    const { memory, clock, crypto } = test;
    const request = create();
    let ciphertext = '';
    const late = openManager({
      memory,
      clock,
      crypto,
      decorate: (store) => ({
        ...store,
        read: (ids, deadline) => store.read(ids, deadline),
        change: async (id, change, deadline) => {
          const keyRef = await idOf(test.here, request);
          const wrap = requestOf(test, 'wrapKey', { keyRef, body: { aad: [] } });
          ({ ciphertext } = succeeded(await send(test.here, wrap)).body);
          return store.change(id, change, deadline);
        },
      }),
    });
    const keyRef = await idOf(late, request);
    const unwrap = requestOf(test, 'unwrapKey', { keyRef, body: { ciphertext, aad: [] } });
    expect(succeeded(await send(test.elsewhere, unwrap)).status).toBe(200);
    expect(crypto.countOf('sealMaterial')).toBe(2);
  });
});

describe('with an idempotency key', () => {
  it('repeats give one key, for ever', async () => {
    const first = await idOf(test.here, create({ token: token('idempotency-key') }));
    test.clock.advance(400 * 24 * hour);
    expect(await idOf(test.elsewhere, create({ token: token('idempotency-key') }))).toBe(first);
    expect(await total()).toBe(1);
  });

  it('other parameters are a conflict', async () => {
    await idOf(test.here, create({ token: token('idempotency-key') }));
    const other = create({ token: token('idempotency-key', 'token', 'other') });
    expect(refusalOf(await send(test.elsewhere, other))).toBe('IDEMPOTENCY_MISMATCH_ERR');
  });

  it('means something else to another credential', async () => {
    const other = await test.credential('Writer');
    const first = await idOf(test.here, create({ token: token('idempotency-key') }));
    const second = create({ token: token('idempotency-key'), caller: callerOf(other) });
    expect(await idOf(test.here, second)).not.toBe(first);
  });

  it('a purged key is never made again', async () => {
    const request = () => create({ token: token('idempotency-key') });
    const keyRef = await idOf(test.here, request());
    succeeded(await send(test.here, requestOf(test, 'deleteKey', { keyRef, query: {} })));
    test.clock.advance(5 * hour);
    await purge(keyRef);
    expect(refusalOf(await send(test.elsewhere, request()))).toBe('IDEMPOTENCY_MISMATCH_ERR');
    expect(await total()).toBe(0);
  });

  /** Purge is not served yet; its transition exists. */
  async function purge(keyId: string): Promise<void> {
    const { keys } = test.here.operations;
    const stamp = { operationId: 'purge', tokenKind: 'none', tokenValue: '', parametersHash: '' };
    await keys.change(
      test.instanceId,
      keyId,
      (current) => {
        if (current === undefined || current.isPurged) throw new Error('there is no key to purge');
        const purged = purgeKey(
          current,
          { stamp: { ...stamp, tokenKind: 'none' } },
          test.clock.wallMs(),
        );
        if (!purged.ok) throw new Error(purged.refusal.code);
        return { kind: 'write', record: purged.key, result: undefined };
      },
      Deadline.after(test.clock, 1_000),
    );
  }
});

describe('what is stored of a token', () => {
  it('is not the plain hash of the request, which could be guessed from a short payload', async () => {
    const given = token('correlation', 'hash-of-a-request', 'hash-of-its-parameters');
    const keyRef = await idOf(test.here, create({ token: given }));
    const [record] = await test.here.operations.keys.read(
      test.instanceId,
      [keyRef],
      Deadline.after(test.clock, 1_000),
    );
    const text = JSON.stringify(record);
    expect(text).not.toContain(given.value);
    expect(text).not.toContain(given.parametersHash);
    expect(text).toContain('parametersHash');
  });
});

describe('with a correlation id', () => {
  it('repeats within a minute give one key, later ones the next, and so on', async () => {
    const request = () => create({ token: token('correlation') });
    const first = await idOf(test.here, request());
    test.clock.advance(60_000);
    expect(await idOf(test.elsewhere, request())).toBe(first);
    test.clock.advance(1);
    const second = await idOf(test.elsewhere, request());
    expect(second).not.toBe(first);
    test.clock.advance(59_000);
    expect(await idOf(test.here, request())).toBe(second);
    test.clock.advance(2_000);
    const third = await idOf(test.here, request());
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await total()).toBe(3);
  });

  it('zones that find the token lapsed at the same time agree on the next key', async () => {
    const request = () => create({ token: token('correlation') });
    await idOf(test.here, request());
    test.clock.advance(61_000);
    const ids = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        idOf(at % 2 === 0 ? test.here : test.elsewhere, request()),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    expect(await total()).toBe(2);
  });

  it('a refused create after the minute leaves no trace', async () => {
    const expiresAtMs = test.clock.wallMs() + 30_000;
    const request = () => create({ token: token('correlation'), body: { ...body, expiresAtMs } });
    await idOf(test.here, request());
    test.clock.advance(61_000);
    expect(refusalOf(await send(test.here, request()))).toBe('INVALID_FIELD_ERR');
    expect(await total()).toBe(1);
  });
});

describe('when the store cannot say what became of a create', () => {
  /** The write is committed, and the answer of its round is lost. */
  const losingFirstAnswer = (store: RegisterStore): RegisterStore => {
    let hasLost = false;
    return {
      read: (ids, deadline) => store.read(ids, deadline),
      list: (scope, deadline) => store.list(scope, deadline),
      scan: (prefix, deadline) => store.scan(prefix, deadline),
      reseal: (id, deadline) => store.reseal(id, deadline),
      zones: () => store.zones(),
      close: () => store.close(),
      change: async (id, change, deadline) => {
        const changed = await store.change(id, change, deadline);
        if (hasLost) return changed;
        hasLost = true;
        throw new KmsError('OUTCOME_UNKNOWN', 'nobody can say');
      },
    };
  };

  it('the unknown outcome surfaces, and the same request in another zone finds the key', async () => {
    const { memory, clock, crypto } = test;
    const unlucky = openManager({ memory, clock, crypto, decorate: losingFirstAnswer });
    const request = create();
    await expect(send(unlucky, request)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      outcome: 'unknown',
    });
    await idOf(test.elsewhere, request);
    expect(await total()).toBe(1);
  });

  it('without a majority nothing is applied, and it says so', async () => {
    for (const host of test.memory.hosts.slice(1)) host.isUp = false;
    await expect(send(test.here, create())).rejects.toMatchObject({ outcome: 'not-applied' });
    for (const host of test.memory.hosts) host.isUp = true;
    expect(await total()).toBe(0);
  });
});

describe('the payload', () => {
  const payload = Buffer.from('sixteen bytes ok').toString('base64');

  it('of a standard key comes with a representation, of a root key never', async () => {
    const standard = create({
      prefer: 'representation',
      body: { ...body, isExtractable: true, payload },
    });
    const [key] = succeeded(await send(test.here, standard)).body.resources;
    expect(key).toMatchObject({ payload, imported: true });
    const root = create({ prefer: 'representation', body: { ...body, payload } });
    expect(succeeded(await send(test.here, root)).body.resources[0]).not.toHaveProperty('payload');
  });

  it('is left out when no crypto-worker can show it: the key is committed, so there is no 5xx', async () => {
    test.crypto.failures.set('revealMaterial', new KmsError('UNAVAILABLE', 'gone'));
    const request = create({ prefer: 'representation', body: { ...body, isExtractable: true } });
    const { status, body: answer } = succeeded(await send(test.here, request));
    expect(status).toBe(201);
    expect(answer.resources[0]).not.toHaveProperty('payload');
  });

  it('that cannot be sealed makes no key', async () => {
    test.crypto.failures.set('sealMaterial', new KmsError('UNAVAILABLE', 'gone'));
    await expect(send(test.here, create())).rejects.toMatchObject({ outcome: 'not-applied' });
    expect(await total()).toBe(0);
  });
});
