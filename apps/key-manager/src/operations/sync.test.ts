// sync: the wait of an hour, and which keys it is for.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationReply } from '@zonehold/api-contract';
import {
  callerOf,
  makeKey,
  refusalOf,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

const hourMs = 3_600_000;

let test: TestRegion;
let keyRef: string;

beforeEach(async () => {
  test = await startRegion();
  keyRef = await makeKey(test);
});

const sync = (key = keyRef): Promise<OperationReply> =>
  send(test.elsewhere, requestOf(test, 'syncAssociatedResources', { keyRef: key }));
const act = async (operation: 'rotateKey' | 'disableKey' | 'deleteKey'): Promise<void> => {
  succeeded(await send(test.here, requestOf(test, operation, { keyRef, body: {} })));
};

describe('a sync', () => {
  it('of a new key is taken at once, and the next not before an hour has passed', async () => {
    expect(await sync()).toEqual({ ok: true, status: 204 });
    const earliest = new Date(test.clock.wallMs() + hourMs).toISOString().slice(0, 19);
    test.clock.advance(hourMs - 1);
    expect(await sync()).toMatchObject({
      refusal: { code: 'REQ_TOO_EARLY_ERR', detail: expect.stringContaining(earliest) },
    });
    test.clock.advance(1);
    succeeded(await sync());
  });

  it.each(['rotateKey', 'disableKey'] as const)('waits an hour after %s', async (operation) => {
    await act(operation);
    test.clock.advance(hourMs - 1);
    expect(refusalOf(await sync())).toBe('REQ_TOO_EARLY_ERR');
    test.clock.advance(1);
    succeeded(await sync());
  });

  it('is for root keys that are not deleted, and for writers', async () => {
    expect(refusalOf(await sync(await makeKey(test, { isExtractable: true })))).toBe(
      'KEY_ROOT_REQ_ERR',
    );
    const caller = callerOf(await test.credential('Reader'));
    const byReader = requestOf(test, 'syncAssociatedResources', { keyRef, caller });
    expect(refusalOf(await send(test.here, byReader))).toBe('UNAUTHORIZED_ERR');
    await act('deleteKey');
    expect(refusalOf(await sync())).toBe('KEY_DELETED_ERR');
  });

  it('is answered to a repeat as the first time', async () => {
    const request = requestOf(test, 'syncAssociatedResources', { keyRef });
    succeeded(await send(test.here, request));
    succeeded(await send(test.elsewhere, request));
  });

  it('changes no date of the key', async () => {
    const shown = async (): Promise<unknown> =>
      succeeded(await send(test.here, requestOf(test, 'getKeyMetadata', { keyRef }))).body;
    const before = await shown();
    test.clock.advance(hourMs);
    succeeded(await sync());
    expect(await shown()).toEqual(before);
  });
});
