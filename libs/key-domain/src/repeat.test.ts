// Repeats: the gateway's retry, the client's token, and what must not be taken for a repeat.
import { describe, expect, it } from 'vitest';
import type { Key } from './key.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import { keptOperationsMax, recogniseRepeat, type OperationStamp } from './repeat.ts';
import {
  deleteKey,
  disableKey,
  enableKey,
  purgeKey,
  rotateKey,
  type Transition,
} from './transitions.ts';

const done = <Next>(transition: Transition<Next>): Next => {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.key;
};
const correlation = (value: string): OperationStamp =>
  freshStamp({ tokenKind: 'correlation', tokenValue: value, parametersHash: 'p' });
const idempotency = (value: string, parametersHash = 'p'): OperationStamp =>
  freshStamp({ tokenKind: 'idempotency-key', tokenValue: value, parametersHash });
const disabled = (stamp: OperationStamp, key = madeKey()): Key =>
  done(disableKey(key, { stamp }, startMs));
const later = (ms: number): number => startMs + ms;

describe('a repeat', () => {
  it('by the same operation id is always one, even a day later and after other changes', () => {
    const stamp = freshStamp();
    const key = done(enableKey(disabled(stamp), { stamp: freshStamp() }, later(30_000)));
    expect(recogniseRepeat(key, stamp, 'disable', later(86_400_000))).toMatchObject({
      kind: 'replay',
    });
  });

  it('without any token is a new request', () => {
    expect(recogniseRepeat(disabled(freshStamp()), freshStamp(), 'disable', startMs).kind).toBe(
      'new',
    );
  });

  it('by an idempotency key is one hours later, and with other parameters or another action a mismatch', () => {
    const key = disabled(idempotency('mine'));
    expect(recogniseRepeat(key, idempotency('mine'), 'disable', later(7_200_000)).kind).toBe(
      'replay',
    );
    expect(recogniseRepeat(key, idempotency('mine', 'other'), 'disable', startMs).kind).toBe(
      'mismatch',
    );
    expect(recogniseRepeat(key, idempotency('mine'), 'delete', startMs).kind).toBe('mismatch');
    expect(recogniseRepeat(key, idempotency('yours'), 'disable', startMs).kind).toBe('new');
  });

  it('by a correlation id is one for 60 seconds', () => {
    const key = disabled(correlation('c'));
    expect(recogniseRepeat(key, correlation('c'), 'disable', later(60_000)).kind).toBe('replay');
    expect(recogniseRepeat(key, correlation('c'), 'disable', later(60_001)).kind).toBe('new');
  });

  it('by a correlation id is a new request when it asks for something else', () => {
    expect(
      recogniseRepeat(disabled(correlation('c')), correlation('c'), 'delete', startMs).kind,
    ).toBe('new');
  });

  it('of a disable is none once the key was enabled: the second disable must count', () => {
    const key = done(
      enableKey(disabled(correlation('c')), { stamp: correlation('e') }, later(30_000)),
    );
    expect(recogniseRepeat(key, correlation('c'), 'disable', later(40_000)).kind).toBe('new');
  });

  it('of the second of two equal disables is one: the newest counts', () => {
    const enabled = done(
      enableKey(disabled(correlation('c')), { stamp: correlation('e') }, later(30_000)),
    );
    const again = done(disableKey(enabled, { stamp: correlation('c') }, later(40_000)));
    expect(recogniseRepeat(again, correlation('c'), 'disable', later(41_000))).toMatchObject({
      kind: 'replay',
      operation: { atMs: later(40_000) },
    });
  });

  it('of a rotate stays one after other changes: nothing takes a rotation back', () => {
    const rotated = done(
      rotateKey(
        madeKey(),
        { stamp: correlation('r'), versionId: 'v2', sealedMaterial: 's', hasPayload: false },
        startMs,
      ),
    );
    const key = disabled(freshStamp(), rotated);
    expect(recogniseRepeat(key, correlation('r'), 'rotate', later(10_000)).kind).toBe('replay');
  });

  it('of a create whose key was purged is a mismatch: the token never makes a key again', () => {
    const stamp = idempotency('mine');
    const deleted = done(
      deleteKey(madeKey({ stamp }), { stamp: freshStamp(), deletedBy: 'x' }, startMs),
    );
    const purging = freshStamp();
    const purged = done(purgeKey(deleted, { stamp: purging }, later(5 * 3_600_000)));
    expect(recogniseRepeat(purged, idempotency('mine'), 'create', later(6 * 3_600_000)).kind).toBe(
      'mismatch',
    );
    expect(recogniseRepeat(purged, stamp, 'create', later(6 * 3_600_000)).kind).toBe('mismatch');
    expect(recogniseRepeat(purged, purging, 'purge', later(6 * 3_600_000)).kind).toBe('replay');
  });
});

describe('the kept operations', () => {
  it('are at most 32, and none older than a day', () => {
    let key = madeKey();
    let nowMs = startMs;
    for (let round = 0; round < keptOperationsMax; round += 1) {
      key = done(disableKey(key, { stamp: freshStamp() }, nowMs));
      nowMs += 30_000;
      key = done(enableKey(key, { stamp: freshStamp() }, nowMs));
    }
    expect(key.operations).toHaveLength(keptOperationsMax);
    key = done(disableKey(key, { stamp: freshStamp() }, nowMs + 86_400_001));
    expect(key.operations).toHaveLength(1);
  });
});
