// Every rule in time of the contract (reference §23), a moment before and at its moment, through key-managers of two zones whose
// clock is moved. With the work by date going on: what it writes must change none of them.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationName, OperationReply, OperationRequest } from '@zonehold/api-contract';
import {
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from '../testing/key-managers.ts';
import { openScheduler, zonesByRank, type TestScheduler } from '../testing/schedules.ts';

const secondMs = 1_000;
const hourMs = 3_600 * secondMs;
const dayMs = 24 * hourMs;
const plaintext = Buffer.from('a data key').toString('base64');

let test: TestRegion;
let scheduler: TestScheduler;
let keyRef: string;
let turn = 0;

beforeEach(async () => {
  test = await startRegion();
  const [zone = ''] = zonesByRank(test.memory, test.instanceId);
  scheduler = openScheduler({ ...test, zone });
  keyRef = await makeKey(test);
});

/** Every call goes to the other zone than the one before. */
function ask(
  operation: OperationName,
  members: Partial<OperationRequest> = {},
): Promise<OperationReply> {
  turn += 1;
  const request = requestOf(test, operation, { keyRef, ...members });
  return send(turn % 2 === 0 ? test.here : test.elsewhere, request);
}

async function pass(ms: number): Promise<void> {
  test.clock.advance(ms);
  await scheduler.controller.tick();
}

/** Refused with `code` one millisecond before `waitMs` have passed, and served then. */
async function expectWait(
  waitMs: number,
  code: string,
  operation: OperationName,
  members: Partial<OperationRequest> = {},
): Promise<OperationReply> {
  await pass(waitMs - 1);
  expect(refusalOf(await ask(operation, members))).toBe(code);
  await pass(1);
  const reply = await ask(operation, members);
  succeeded(reply);
  return reply;
}

describe('a wait', () => {
  it('of 30 seconds is between a disable and an enable', async () => {
    succeeded(await ask('disableKey'));
    await expectWait(30 * secondMs, 'REQ_TOO_EARLY_ERR', 'enableKey');
  });

  it('of 30 seconds is between a delete and a restore', async () => {
    succeeded(await ask('deleteKey'));
    await expectWait(30 * secondMs, 'REQ_TOO_EARLY_ERR', 'restoreKey');
  });

  it('of an hour is between two rotations, and none before the first', async () => {
    succeeded(await ask('rotateKey'));
    await expectWait(hourMs, 'KEY_ROTATION_NOT_PERMITTED', 'rotateKey');
  });

  it('of an hour is after a rotation by policy too', async () => {
    const body = { rotation: { isEnabled: true, intervalMonths: 1 } };
    succeeded(await ask('putPolicy', { body, query: {} }));
    await pass(30 * dayMs);
    await expectWait(hourMs, 'KEY_ROTATION_NOT_PERMITTED', 'rotateKey');
  });

  it('of four hours is between a delete and a purge', async () => {
    const caller = callerOf(await test.credential('KeyPurge'));
    succeeded(await ask('deleteKey'));
    await expectWait(4 * hourMs, 'REQ_TOO_EARLY_ERR', 'purgeKey', { caller });
  });
});

describe('a window', () => {
  it('of 30 days is open for a restore to its last moment', async () => {
    succeeded(await ask('deleteKey'));
    await pass(30 * dayMs);
    succeeded(await ask('restoreKey'));
    succeeded(await ask('wrapKey', { body: { plaintext, aad: [] } }));
  });

  it('of 30 days is closed for a restore after it, until the key is purged at 90', async () => {
    succeeded(await ask('deleteKey'));
    await pass(30 * dayMs + 1);
    expect(refusalOf(await ask('restoreKey'))).toBe('KEY_RESTORE_EXPIRED');
    await pass(60 * dayMs - 2);
    expect(succeeded(await ask('getKeyMetadata')).body.resources[0]).toMatchObject({ state: 5 });
    await pass(1);
    expect(refusalOf(await ask('getKeyMetadata'))).toBe('KEY_NOT_FOUND_ERR');
    expect(refusalOf(await ask('restoreKey'))).toBe('KEY_NOT_FOUND_ERR');
  });

  it('of 7 days is open for the second of two persons, and then closed', async () => {
    const body = { dualAuthDelete: { isEnabled: true } };
    succeeded(await ask('putPolicy', { body, query: {} }));
    const second: Credential = await test.credential('Manager');
    const caller = callerOf(second);
    succeeded(await ask('setKeyForDeletion'));
    await pass(7 * dayMs);
    expect(refusalOf(await ask('deleteKey', { caller }))).toBe('AUTHORIZATIONS_NOT_MET');
    succeeded(await ask('setKeyForDeletion'));
    await pass(7 * dayMs - 1);
    succeeded(await ask('deleteKey', { caller }));
  });
});

describe('an expiration date', () => {
  const days = 10;
  let ciphertext: string;

  beforeEach(async () => {
    const expiresAtMs = test.clock.wallMs() + days * dayMs;
    keyRef = await makeKey(test, { expiresAtMs });
    const wrapped = await ask('wrapKey', { body: { plaintext, aad: [] } });
    ({ ciphertext } = succeeded(wrapped).body);
  });

  const conflict = 'KEY_ACTION_INVALID_STATE_ERR';
  const wrap = () => ask('wrapKey', { body: { plaintext, aad: [] } });

  /** The reference's table for state 3 (§15.2). */
  async function expectDeactivated(): Promise<void> {
    const opened = await ask('unwrapKey', { body: { ciphertext, aad: [] } });
    expect(succeeded(opened).body.plaintext).toBe(plaintext);
    expect(refusalOf(await wrap())).toBe(conflict);
    expect(refusalOf(await ask('disableKey'))).toBe(conflict);
    expect(refusalOf(await ask('enableKey'))).toBe(conflict);
    expect(refusalOf(await ask('setKeyForDeletion'))).toBe(conflict);
    const shown = await ask('getKeyMetadata');
    expect(succeeded(shown).body.resources[0]).toMatchObject({ state: 3 });
  }

  it('counts from its very moment, before anything has written it down and after', async () => {
    await pass(days * dayMs - 1);
    succeeded(await wrap());
    test.clock.advance(1);
    await expectDeactivated();
    expect(await scheduler.counted('expire', 'done')).toBe(0);
    await scheduler.controller.tick();
    expect(await scheduler.counted('expire', 'done')).toBe(1);
    await expectDeactivated();
  });

  it('leaves rewrap and a rotation by hand, which brings no key back to life', async () => {
    await pass(days * dayMs);
    succeeded(await ask('rotateKey'));
    succeeded(await ask('rewrapKey', { body: { ciphertext, aad: [] } }));
    await expectDeactivated();
  });

  it('is the end of a restore, whichever comes first', async () => {
    await pass((days - 1) * dayMs);
    succeeded(await ask('deleteKey'));
    await pass(dayMs - 1);
    succeeded(await ask('restoreKey'));
    succeeded(await ask('deleteKey'));
    await pass(30 * secondMs);
    expect(refusalOf(await ask('restoreKey'))).toBe('KEY_EXPIRED_ERR');
  });

  it('that passed before the delete forbids the restore as well', async () => {
    await pass(days * dayMs);
    succeeded(await ask('deleteKey'));
    await pass(hourMs);
    expect(refusalOf(await ask('restoreKey'))).toBe('KEY_EXPIRED_ERR');
  });
});
