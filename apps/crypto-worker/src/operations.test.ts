// Every method as a key-manager calls it: round trips, bindings, and refusals that say nothing.
import { randomBytes } from 'node:crypto';
import {
  cryptoWorkerMethods,
  type CreateInstanceKeyReply,
  type CreateSigningKeyReply,
  type ForgetMaterialReply,
  type HealthReply,
  type RegionKeysReply,
  type RevealMaterialReply,
  type SealMaterialReply,
  type SignTokenReply,
  type WrapReply,
} from '@zonehold/api-contract';
import { createRootKey, RegionRoot, SecretBytes } from '@zonehold/crypto';
import { Deadline, fromBase64, systemClock, systemRandom, toBase64 } from '@zonehold/primitives';
import { createMetrics } from '@zonehold/telemetry';
import { calculateJwkThumbprint, importJWK, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { Canary } from './canary.ts';
import { cryptoWorkerFrameMethods } from './methods.ts';
import { createRoom, type Room } from './room.ts';

const place = { clusterId: 'c1', region: 'us-south' };
const peer = { ...place, zone: 'us-south-1', service: 'key-manager' } as const;

interface Replies {
  readonly regionKeys: RegionKeysReply;
  readonly createInstanceKey: CreateInstanceKeyReply;
  readonly sealMaterial: SealMaterialReply;
  readonly revealMaterial: RevealMaterialReply;
  readonly wrap: WrapReply;
  readonly forgetMaterial: ForgetMaterialReply;
  readonly unwrap: { ok: boolean; versionId?: string; plaintext?: string; ciphertext?: string };
  readonly createSigningKey: CreateSigningKeyReply;
  readonly signToken: SignTokenReply;
  readonly health: HealthReply;
}

/** Calls one method as a frame would. */
type Call = <Method extends keyof Replies>(
  method: Method,
  body?: unknown,
) => Promise<Replies[Method]>;

function callerOf(room: Room): Call {
  const health = () => ({
    service: 'crypto-worker',
    zone: 'us-south-1',
    isReady: true,
    reasons: [],
    uptimeS: 0,
  });
  const metrics = createMetrics({
    service: 'crypto-worker',
    zone: 'us-south-1',
    region: 'us-south',
  });
  const methods = cryptoWorkerFrameMethods(room, health, metrics);
  const context = { deadline: Deadline.after(systemClock, 1000), correlationId: 'test', peer };
  return async <Method extends keyof Replies>(method: Method, body?: unknown) => {
    const reply = await methods[cryptoWorkerMethods[method]]!.handle(body, context);
    return reply as Replies[Method];
  };
}

/** A region whose root is `seed`; the same seed in two places is a root that was carried over. */
const roomOf = (seed: Uint8Array, where = place): Room =>
  createRoom(new RegionRoot(SecretBytes.take(Buffer.from(seed)), where), systemRandom);

let seed: Uint8Array;
let room: Room;
let call: Call;
beforeEach(() => {
  seed = randomBytes(32);
  room = roomOf(seed);
  call = callerOf(room);
});

async function createKey(instanceId: string, keyId: string, material?: Uint8Array) {
  const { sealedInstanceKey } = await call('createInstanceKey', { instanceId });
  const binding = { instanceId, keyId, versionId: 'v1' };
  const imported = material === undefined ? {} : { material: toBase64(material) };
  const { sealedMaterial } = await call('sealMaterial', {
    sealedInstanceKey,
    binding,
    ...imported,
  });
  return { sealedInstanceKey, instanceId, keyId, version: { versionId: 'v1', sealedMaterial } };
}

const unwrapBody = (key: Awaited<ReturnType<typeof createKey>>, ciphertext: string) => ({
  sealedInstanceKey: key.sealedInstanceKey,
  instanceId: key.instanceId,
  keyId: key.keyId,
  versions: [key.version],
  ciphertext,
  aad: [] as string[],
  mode: 'unwrap',
});

describe('wrap and unwrap', () => {
  it('give back the plaintext that was given, and do not return it at wrapping', async () => {
    const key = await createKey('i1', 'k1');
    const plaintext = toBase64(randomBytes(48));
    const wrapped = await call('wrap', { ...key, plaintext, aad: [] });
    expect(Object.keys(wrapped)).toEqual(['ciphertext']);
    expect(await call('unwrap', unwrapBody(key, wrapped.ciphertext))).toEqual({
      ok: true,
      versionId: 'v1',
      plaintext,
    });
  });

  it('generate a DEK of 32 bytes when none is given', async () => {
    const key = await createKey('i1', 'k1');
    const wrapped = await call('wrap', { ...key, aad: [] });
    expect(fromBase64(wrapped.plaintext!)?.byteLength).toBe(32);
    const unwrapped = await call('unwrap', unwrapBody(key, wrapped.ciphertext));
    expect(unwrapped.plaintext).toBe(wrapped.plaintext);
  });

  it('work the same from a cold cache, a warm one, and another zone', async () => {
    const key = await createKey('i1', 'k1');
    const { ciphertext, plaintext } = await call('wrap', { ...key, aad: [] });
    for (let round = 0; round < 3; round += 1) {
      expect((await call('unwrap', unwrapBody(key, ciphertext))).plaintext).toBe(plaintext);
    }
    const otherZone = callerOf(createRoom(room.root, systemRandom));
    expect((await otherZone('unwrap', unwrapBody(key, ciphertext))).plaintext).toBe(plaintext);
  });

  it('serve two keys of two instances that were imported with the same material', async () => {
    for (const size of [16, 24, 32]) {
      const material = randomBytes(size);
      const left = await createKey('i1', 'k1', material);
      const right = await createKey('i2', 'k2', material);
      const { ciphertext, plaintext } = await call('wrap', { ...left, aad: [] });
      expect((await call('unwrap', unwrapBody(right, ciphertext))).plaintext).toBe(plaintext);
    }
  });

  it('answer ok: false and nothing else for whatever does not open', async () => {
    const key = await createKey('i1', 'k1');
    const other = await createKey('i1', 'k2');
    const { ciphertext } = await call('wrap', { ...key, aad: ['a', 'b'] });
    const body = { ...unwrapBody(key, ciphertext), aad: ['a', 'b'] };
    expect((await call('unwrap', body)).ok).toBe(true);
    const tampered = Buffer.from(ciphertext, 'base64');
    tampered[70]! ^= 1;
    const bad = [
      { ...body, aad: ['b', 'a'] },
      { ...body, aad: [] },
      { ...body, ciphertext: toBase64(tampered) },
      { ...body, ciphertext: 'AAAA' },
      { ...body, ciphertext: 'not base64' },
      { ...unwrapBody(other, ciphertext), aad: ['a', 'b'] },
    ];
    for (const input of bad) expect(await call('unwrap', input)).toEqual({ ok: false });
  });
});

describe('versions', () => {
  async function rotated() {
    const key = await createKey('i1', 'k1');
    const binding = { instanceId: 'i1', keyId: 'k1', versionId: 'v2' };
    const { sealedMaterial } = await call('sealMaterial', {
      sealedInstanceKey: key.sealedInstanceKey,
      binding,
    });
    const newest = { versionId: 'v2', sealedMaterial };
    return { key, newest, versions: [newest, key.version] };
  }

  it('unwrap names the old version and adds a ciphertext of the newest', async () => {
    const { key, newest, versions } = await rotated();
    const { ciphertext, plaintext } = await call('wrap', { ...key, aad: [] });
    const reply = await call('unwrap', { ...unwrapBody(key, ciphertext), versions });
    expect(reply).toMatchObject({ ok: true, versionId: 'v1', plaintext });
    const again = await call('unwrap', {
      ...unwrapBody(key, reply.ciphertext!),
      versions: [newest],
    });
    expect(again).toEqual({ ok: true, versionId: 'v2', plaintext });
  });

  it('rewrap gives a fresh ciphertext of the newest and never a plaintext', async () => {
    const { key, newest, versions } = await rotated();
    const { ciphertext, plaintext } = await call('wrap', { ...key, version: newest, aad: [] });
    const reply = await call('unwrap', {
      ...unwrapBody(key, ciphertext),
      versions,
      mode: 'rewrap',
    });
    expect(Object.keys(reply).toSorted()).toEqual(['ciphertext', 'ok', 'versionId']);
    expect(reply.versionId).toBe('v2');
    expect(reply.ciphertext).not.toBe(ciphertext);
    const opened = await call('unwrap', { ...unwrapBody(key, reply.ciphertext!), versions });
    expect(opened).toEqual({ ok: true, versionId: 'v2', plaintext });
  });
});

describe('bindings', () => {
  it('hold even when the cache is warm: sealed material serves no other instance, key or version', async () => {
    const key = await createKey('i1', 'k1');
    const stranger = await createKey('i2', 'k9');
    await call('wrap', { ...key, aad: [] });
    const bad = [
      { ...key, keyId: 'k2' },
      { ...key, version: { ...key.version, versionId: 'v2' } },
      { ...key, instanceId: 'i2' },
      { ...key, sealedInstanceKey: stranger.sealedInstanceKey },
      { ...key, instanceId: 'i2', sealedInstanceKey: stranger.sealedInstanceKey },
      { ...key, version: { ...key.version, sealedMaterial: stranger.version.sealedMaterial } },
      { ...key, sealedInstanceKey: 'AAAA' },
      { ...key, version: { ...key.version, sealedMaterial: '%%%%' } },
    ];
    for (const body of bad) {
      await expect(call('wrap', { ...body, aad: [] }), JSON.stringify(body)).rejects.toMatchObject({
        code: 'INTEGRITY',
      });
    }
    expect(await call('wrap', { ...key, aad: [] })).toHaveProperty('ciphertext');
  });

  it('hold against another root, and against the same root carried to another region or cluster', async () => {
    const key = await createKey('i1', 'k1');
    const elsewhere = [
      roomOf(randomBytes(32)),
      roomOf(seed, { ...place, region: 'eu-de' }),
      roomOf(seed, { ...place, clusterId: 'c2' }),
    ];
    for (const other of elsewhere) {
      await expect(callerOf(other)('wrap', { ...key, aad: [] })).rejects.toMatchObject({
        code: 'INTEGRITY',
      });
    }
    expect(await callerOf(roomOf(seed))('wrap', { ...key, aad: [] })).toHaveProperty('ciphertext');
  });
});

describe('an instance key', () => {
  it('seals for its own instance only, cold or warm', async () => {
    const { sealedInstanceKey } = await createKey('i1', 'k1');
    const binding = { instanceId: 'i2', keyId: 'k1', versionId: 'v1' };
    for (const worker of [call, callerOf(roomOf(seed))]) {
      await expect(worker('sealMaterial', { sealedInstanceKey, binding })).rejects.toMatchObject({
        code: 'INTEGRITY',
      });
    }
  });
});

describe('material', () => {
  it('is revealed as it was imported, at the sizes of standard keys', async () => {
    for (const size of [1, 31, 7_500]) {
      const material = randomBytes(size);
      const { sealedInstanceKey, version } = await createKey('i1', 'k1', material);
      const binding = { instanceId: 'i1', keyId: 'k1', versionId: 'v1' };
      const revealed = await call('revealMaterial', { sealedInstanceKey, binding, ...version });
      expect(revealed).toEqual({ material: toBase64(material) });
    }
  });

  it('of no wrapping size refuses to wrap', async () => {
    const key = await createKey('i1', 'k1', randomBytes(20));
    await expect(call('wrap', { ...key, aad: [] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('is refused when empty or larger than a standard key', async () => {
    for (const size of [0, 7_501]) {
      await expect(createKey('i1', 'k1', Buffer.alloc(size)), `${size}`).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});

describe('region keys', () => {
  it('are 32 bytes each, different, and the same for every zone of the region', async () => {
    const reply = await call('regionKeys');
    expect(reply.clusterId).toBe('c1');
    expect([reply.integrityKey, reply.idKey].map((key) => fromBase64(key)?.byteLength)).toEqual([
      32, 32,
    ]);
    expect(reply.integrityKey).not.toBe(reply.idKey);
    expect(await callerOf(createRoom(room.root, systemRandom))('regionKeys')).toEqual(reply);
  });
});

describe('signing keys', () => {
  it('sign tokens that the public half verifies, under the kid that is its thumbprint', async () => {
    const { kid, sealedPrivateKey, publicJwk } = await call('createSigningKey', {});
    expect(kid).toBe(await calculateJwkThumbprint(publicJwk));
    expect(Object.keys(publicJwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y']);
    const { token } = await call('signToken', {
      kid,
      sealedPrivateKey,
      claims: { sub: 'someone', exp: 4_000_000_000 },
    });
    const verified = await jwtVerify(token, await importJWK(publicJwk, 'ES256'));
    expect(verified.protectedHeader).toEqual({ alg: 'ES256', kid });
    expect(verified.payload).toEqual({ sub: 'someone', exp: 4_000_000_000 });
  });

  it('do not sign under another kid, opened before or not', async () => {
    const { kid, sealedPrivateKey } = await call('createSigningKey', {});
    await call('signToken', { kid, sealedPrivateKey, claims: {} });
    await expect(
      call('signToken', { kid: 'other', sealedPrivateKey, claims: {} }),
    ).rejects.toMatchObject({ code: 'INTEGRITY' });
  });
});

describe('malformed requests', () => {
  it('are refused by the name of the member, never by a crash and never with a value', async () => {
    const key = await createKey('i1', 'k1');
    const good = { ...key, aad: [] };
    const secret = 'c2VjcmV0LW1hcmtlcg';
    const bad: [unknown, string][] = [
      [undefined, 'body'],
      [null, 'body'],
      [[], 'body'],
      ['text', 'body'],
      [{ ...good, instanceId: 7 }, 'instanceId'],
      [{ ...good, keyId: '' }, 'keyId'],
      [{ ...good, keyId: '\ud800' }, 'keyId'],
      [{ ...good, version: undefined }, 'version'],
      [{ ...good, version: { versionId: 'v1' } }, 'sealedMaterial'],
      [{ ...good, aad: undefined }, 'aad'],
      [{ ...good, aad: 'a' }, 'aad'],
      [{ ...good, aad: [1] }, 'aad'],
      [{ ...good, aad: ['\udc00'] }, 'aad'],
      [{ ...good, aad: Array.from({ length: 256 }, () => '') }, 'aad'],
      [{ ...good, aad: ['x'.repeat(511)] }, 'aad'],
      [{ ...good, plaintext: secret }, 'plaintext'],
      [{ ...good, plaintext: 42 }, 'plaintext'],
    ];
    for (const [body, member] of bad) {
      const error = await call('wrap', body).catch((thrown: unknown) => thrown);
      expect(error, JSON.stringify(body)).toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect((error as Error).message).toContain(member);
      expect((error as Error).message).not.toContain(secret);
    }
    await expect(
      call('unwrap', { ...unwrapBody(key, 'AAAA'), versions: [] }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(
      call('unwrap', { ...unwrapBody(key, 'AAAA'), mode: 'open' }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('the canary', () => {
  it('sings while the keys work, and says what is wrong when they do not', () => {
    const canary = new Canary(room);
    expect(canary.reasons()).toEqual([]);
    const otherRoot = new RegionRoot(createRootKey(systemRandom), place);
    (room as { root: RegionRoot }).root = otherRoot;
    expect(canary.reasons()).toEqual(['The region root no longer opens what it sealed.']);
  });
});

describe('who may call', () => {
  it('is key-managers alone, but for health', () => {
    const methods = cryptoWorkerFrameMethods(
      room,
      () => expect.fail(),
      createMetrics({ service: 's', zone: 'z', region: 'r' }),
    );
    expect(Object.keys(methods).toSorted()).toEqual(Object.values(cryptoWorkerMethods).toSorted());
    for (const [method, { callers }] of Object.entries(methods)) {
      if (method !== 'health') expect(callers, method).toEqual(['key-manager']);
    }
  });
});

describe('forgetMaterial', () => {
  it('drops the opened versions of the keys named, of no other, and twice is once', async () => {
    const [doomed, kept] = [await createKey('i1', 'k1'), await createKey('i1', 'k2')];
    const namesake = await createKey('i2', 'k1');
    for (const key of [doomed, kept, namesake]) await call('wrap', { ...key, aad: [] });
    const keys = [{ instanceId: 'i1', keyId: 'k1' }];
    expect(await call('forgetMaterial', { keys })).toEqual({ dropped: 1 });
    expect(await call('forgetMaterial', { keys })).toEqual({ dropped: 0 });
    const others = [
      { instanceId: 'i1', keyId: 'k2' },
      { instanceId: 'i2', keyId: 'k1' },
    ];
    expect(await call('forgetMaterial', { keys: others })).toEqual({ dropped: 2 });
  });

  it('drops the key of an instance and all that was opened with it, and of no other instance', async () => {
    const [doomed, kept] = [await createKey('i1', 'k1'), await createKey('i2', 'k1')];
    for (const key of [doomed, kept]) await call('wrap', { ...key, aad: [] });
    const keys = [{ instanceId: 'i1' }];
    expect(await call('forgetMaterial', { keys })).toEqual({ dropped: 2 });
    expect(await call('forgetMaterial', { keys })).toEqual({ dropped: 0 });
    const other = [{ instanceId: 'i2' }];
    expect(await call('forgetMaterial', { keys: other })).toEqual({ dropped: 2 });
  });

  it('refuses more keys than a call may name, and what is no list of keys', async () => {
    const many = Array.from({ length: 101 }, () => ({ instanceId: 'i', keyId: 'k' }));
    for (const keys of [many, 'k1', [{ keyId: 'k' }], [null]]) {
      await expect(call('forgetMaterial', { keys })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});
