// Work that nobody waits for any more: where a key-manager leaves it, where it does not, and that a repeat finds the first result.
import { beforeEach, describe, expect, it } from 'vitest';
import type { OperationReply, OperationRequest } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import { Cancellation, Deadline, isKmsError } from '@zonehold/primitives';
import { perform } from './dispatch.ts';
import {
  openManager,
  requestOf,
  send,
  startRegion,
  succeeded,
  type TestManager,
  type TestRegion,
} from './testing/key-managers.ts';

let test: TestRegion;
let cancellation: Cancellation;
let create: OperationRequest;

beforeEach(async () => {
  test = await startRegion();
  cancellation = new Cancellation();
  create = requestOf(test, 'createKey', {
    body: { name: 'a key', isExtractable: false },
    token: { kind: 'idempotency-key', value: 'once', parametersHash: 'p' },
  });
});

const sendCancellable = (
  manager: TestManager,
  request: OperationRequest,
): Promise<OperationReply> => {
  const { clock } = manager.operations;
  return perform(manager.operations, request, Deadline.after(clock, 5_000, cancellation));
};

const keyIdOf = (reply: OperationReply): string => succeeded(reply).body.resources[0].id;

async function keyCount(): Promise<number> {
  const reply = await send(
    test.elsewhere,
    requestOf(test, 'getKeyCollectionMetadata', { query: {} }),
  );
  return Number(succeeded(reply).headers['Key-Total']);
}

/** A key-manager whose changes call `inRound` each time a round has been promised and decides what to propose. */
function watched(inRound: () => void): TestManager {
  const { memory, clock, crypto } = test;
  const decorate = (store: RegisterStore): RegisterStore => ({
    ...store,
    read: (ids, deadline) => store.read(ids, deadline),
    list: (scope, deadline) => store.list(scope, deadline),
    change: (id, change, deadline) => {
      let calls = 0;
      return store.change(
        id,
        (current) => {
          calls += 1;
          // The first is on what a plain read found.
          if (calls > 1) inRound();
          return change(current);
        },
        deadline,
      );
    },
  });
  return openManager({ memory, clock, crypto, decorate });
}

const cancelled = { code: 'CANCELLED', outcome: 'not-applied' };

describe('a create that is cancelled', () => {
  it('before it begins reads nothing and seals nothing', async () => {
    cancellation.cancel();
    await expect(sendCancellable(test.here, create)).rejects.toMatchObject(cancelled);
    expect(test.crypto.countOf('sealMaterial')).toBe(0);
    expect(await keyCount()).toBe(0);
  });

  it('in its round, before anything is sent, leaves nothing; its repeat makes the key', async () => {
    const manager = watched(() => cancellation.cancel());
    await expect(sendCancellable(manager, create)).rejects.toMatchObject(cancelled);
    expect(await keyCount()).toBe(0);
    const made = keyIdOf(await send(test.elsewhere, create));
    expect(keyIdOf(await send(test.here, create))).toBe(made);
    expect(await keyCount()).toBe(1);
  });

  it('after its write was sent goes on to its end, and its repeat finds the same key', async () => {
    const manager = watched(() => queueMicrotask(() => cancellation.cancel()));
    const made = keyIdOf(await sendCancellable(manager, create));
    expect(cancellation.isCancelled).toBe(false);
    expect(keyIdOf(await send(test.elsewhere, create))).toBe(made);
    expect(await keyCount()).toBe(1);
  });

  it('at any moment leaves one key or none, and its repeats agree', async () => {
    const ends = new Set<boolean>();
    for (let turns = 0; turns < 60; turns += 1) {
      const request = {
        ...create,
        token: { ...create.token, value: `once-${turns}` },
        operationId: `operation-of-${turns}`,
      };
      const before = await keyCount();
      cancellation = new Cancellation();
      const first = sendCancellable(test.here, request).then(keyIdOf, (error: unknown) => {
        expect(isKmsError(error, 'CANCELLED')).toBe(true);
        return undefined;
      });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      cancellation.cancel();
      const made = await first;
      ends.add(made !== undefined);
      expect(await keyCount()).toBe(made === undefined ? before : before + 1);
      const repeated = keyIdOf(await send(test.elsewhere, request));
      if (made !== undefined) expect(repeated).toBe(made);
      expect(await keyCount()).toBe(before + 1);
    }
    // Early enough for some, too late for others: otherwise nothing was tried.
    expect(ends).toEqual(new Set([false, true]));
  });
});
