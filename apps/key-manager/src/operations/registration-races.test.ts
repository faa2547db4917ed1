// Registrations and deletes of one key at the same time, from several zones that are slow and die. What must hold whatever happened:
// a delete that was not forced and a registration are never both acknowledged, nor is a forced one and a retention.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName, OperationReply, OperationRequest } from '@zonehold/api-contract';
import { Deadline, KmsError } from '@zonehold/primitives';
import { registrationName, registrationScope } from '../registration-repository.ts';
import {
  admin,
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type Credential,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';

const service = 'cloud-object-storage';
const crnOf = (bucket: string): string =>
  `crn:v1:bluemix:public:${service}:global:a/${'a'.repeat(32)}:5a3f:bucket:${bucket}`;

let test: TestRegion;
let storage: Credential;
let keyRef: string;

beforeEach(async () => {
  await restart();
});

async function restart(): Promise<void> {
  test = await startRegion();
  const grants = [{ instanceId: test.instanceId, roles: ['Reader' as const] }];
  const request = { kind: 'create-api-key', name: 's', service, grants } as const;
  storage = await admin<'create-api-key'>(test.here, request);
  keyRef = await makeKey(test);
}

function byService(
  operation: OperationName,
  bucket: string,
  members: Partial<OperationRequest> = {},
): OperationRequest {
  const caller = { ...callerOf(storage), service };
  return requestOf(test, operation, { caller, keyRef, subRef: crnOf(bucket), ...members });
}

const deletion = (isForced: boolean): OperationRequest =>
  requestOf(test, 'deleteKey', { keyRef, query: { isForced } });

async function registrationsNow(): Promise<number> {
  const query = { limit: 200, offset: 0, isTotalWanted: false };
  const list = requestOf(test, 'getRegistrations', { keyRef, query });
  return succeeded(await send(test.elsewhere, list)).body.metadata.collectionTotal;
}

/** A key-manager that does `meanwhile` once, before its first change of a register whose name begins so. */
function interrupted(namePrefix: string, meanwhile: () => Promise<unknown>): TestManager {
  let isDone = false;
  return slowedManager(test, async ({ name }) => {
    if (isDone || !name.startsWith(namePrefix)) return;
    isDone = true;
    await meanwhile();
  });
}

describe('a delete and a registration at the same time', () => {
  it('refuse the registration when the key is deleted between its record and the consent of the key', async () => {
    const late = interrupted('key/', () => send(test.here, deletion(true)));
    const reply = await send(late, byService('createRegistration', 'one'));
    expect(refusalOf(reply)).toBe('KEY_INVALID_STATE_ERR');
    expect(await registrationsNow()).toBe(0);
  });

  it('refuse the delete when the registration comes between its look and its round', async () => {
    const late = interrupted('key/', () =>
      send(test.here, byService('createRegistration', 'one')).then(succeeded),
    );
    expect(refusalOf(await send(late, deletion(false)))).toBe('PROTECTED_RESOURCE_ERR');
    expect(await registrationsNow()).toBe(1);
  });

  it('refuse a forced delete when a retention is merged into a registration meanwhile', async () => {
    succeeded(await send(test.here, byService('createRegistration', 'one')));
    const retain = byService('updateRegistration', 'one', { body: { preventsKeyDeletion: true } });
    const late = interrupted('key/', () => send(test.here, retain).then(succeeded));
    expect(refusalOf(await send(late, deletion(true)))).toBe('PREV_KEY_DEL_ERR');
  });

  it('put a registration back as it was when its key refuses a merge', async () => {
    succeeded(await send(test.here, byService('createRegistration', 'one')));
    const retain = byService('updateRegistration', 'one', { body: { preventsKeyDeletion: true } });
    const disable = requestOf(test, 'disableKey', { keyRef });
    const late = interrupted('key/', () => send(test.here, disable).then(succeeded));
    expect(refusalOf(await send(late, retain))).toBe('KEY_INVALID_STATE_ERR');
    expect(await registrationsNow()).toBe(1);
    succeeded(await send(test.here, deletion(true)));
  });
});

describe('a zone that missed a registration', () => {
  const [up, down] = [true, false];

  it('does not hide it from a delete, nor its end', async () => {
    const [first, second] = test.memory.hosts;
    first!.isUp = down;
    succeeded(await send(test.here, byService('createRegistration', 'one')));
    first!.isUp = up;
    second!.isUp = down;
    expect(await registrationsNow()).toBe(1);
    expect(refusalOf(await send(test.elsewhere, deletion(false)))).toBe('PROTECTED_RESOURCE_ERR');
    succeeded(await send(test.here, byService('deleteRegistration', 'one')));
    first!.isUp = down;
    second!.isUp = up;
    succeeded(await send(test.elsewhere, deletion(false)));
  });
});

describe('a request whose process dies', () => {
  const dying = (namePrefix: string): TestManager =>
    slowedManager(test, async ({ name }) => {
      if (name.startsWith(namePrefix)) throw new KmsError('UNAVAILABLE', 'the process is gone');
    });

  it('between the two records has an unknown outcome, and its repeat goes on from there', async () => {
    const token = { kind: 'idempotency-key', value: 't', parametersHash: 'p' } as const;
    const request = byService('createRegistration', 'one', { token });
    await expect(send(dying('key/'), request)).rejects.toMatchObject({ outcome: 'unknown' });
    const again = await send(test.elsewhere, { ...request, operationId: 'again' });
    expect(again).toMatchObject({ ok: true, status: 201, headers: { ETag: 'W/"1"' } });
    expect(refusalOf(await send(test.here, deletion(false)))).toBe('PROTECTED_RESOURCE_ERR');
  });

  it('in a merge is repeated although If-Match names what the first attempt has changed', async () => {
    succeeded(await send(test.here, byService('createRegistration', 'one')));
    const members = { body: { description: 'invoices' }, ifMatch: 'W/"1"' };
    const request = byService('updateRegistration', 'one', members);
    await expect(send(dying('key/'), request)).rejects.toMatchObject({ outcome: 'unknown' });
    expect(succeeded(await send(test.elsewhere, request)).headers).toEqual({ ETag: 'W/"2"' });
  });

  it('never loses a registration to the repeat of a merge that the key then refuses', async () => {
    succeeded(await send(test.here, byService('createRegistration', 'one')));
    const request = byService('updateRegistration', 'one', { body: { description: 'invoices' } });
    await expect(send(dying('key/'), request)).rejects.toMatchObject({ outcome: 'unknown' });
    const disable = requestOf(test, 'disableKey', { keyRef });
    const late = interrupted('key/', () => send(test.here, disable).then(succeeded));
    expect(refusalOf(await send(late, request))).toBe('KEY_INVALID_STATE_ERR');
    expect(await registrationsNow()).toBe(1);
  });
});

const step = fc.record({
  kind: fc.constantFrom('register', 'register', 'retain', 'deregister', 'delete', 'force'),
  bucket: fc.constantFrom('one', 'two'),
  /** Turns of the event loop before each change of a register. */
  waits: fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }),
  /** The change before which its process dies; most are done before. */
  diesAt: fc.nat(7),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function requestFor({ kind, bucket }: Step): OperationRequest {
  if (kind === 'delete' || kind === 'force') return deletion(kind === 'force');
  if (kind === 'deregister') return byService('deleteRegistration', bucket);
  const body = { preventsKeyDeletion: kind === 'retain' };
  return byService('createRegistration', bucket, { body });
}

/** `unknown`: nobody was told, so it may have been done or not. */
async function run(wanted: Step): Promise<'done' | 'refused' | 'unknown'> {
  let changes = 0;
  const manager = slowedManager(test, async () => {
    if (changes === wanted.diesAt) throw new KmsError('UNAVAILABLE', 'the process is gone');
    const waits = wanted.waits[changes % wanted.waits.length] ?? 0;
    changes += 1;
    for (let at = 0; at < waits; at += 1) await Promise.resolve().then(() => undefined);
  });
  const reply = await send(manager, requestFor(wanted)).catch(
    (error: unknown): OperationReply | undefined => {
      if (error instanceof KmsError) return undefined;
      throw error;
    },
  );
  if (reply === undefined) return 'unknown';
  return reply.ok ? 'done' : 'refused';
}

describe('registrations and deletes in random histories', () => {
  it('never acknowledge both a registration that stays and a delete that it forbids', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (atOnce) => {
        await restart();
        const done = await Promise.all(atOnce.map(run));
        const acknowledged = atOnce.filter((_one, at) => done[at] === 'done');
        const isDone = (kind: Step['kind']): boolean =>
          acknowledged.some((one) => one.kind === kind);
        // What a third request took away, or may have, was in nobody's way.
        if (atOnce.some(({ kind }, at) => kind === 'deregister' && done[at] !== 'refused')) return;
        const isRegistered = isDone('register') || isDone('retain');
        expect(isDone('delete') && isRegistered).toBe(false);
        expect(isDone('force') && isDone('retain')).toBe(false);
        for (const { kind, bucket } of acknowledged) {
          if (kind === 'register' || kind === 'retain') expect(await isThere(bucket)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});

async function isThere(bucket: string): Promise<boolean> {
  const { store, clock } = test.here.operations;
  const scope = registrationScope(test.instanceId);
  const id = { scope, name: registrationName(keyRef, crnOf(bucket)) };
  const [state] = await store.read([id], Deadline.after(clock, 1_000));
  return state?.value?.includes(crnOf(bucket)) === true;
}
