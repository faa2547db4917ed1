// The life of a key, its waits and windows, and what no sequence of changes may ever reach.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyState, sealedVersions, type Key, type KeyState } from './key.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import { keyVersionsMax } from './limits.ts';
import { effectiveState, restoreWindowMs } from './time-rules.ts';
import {
  createKey,
  deleteKey,
  destroyMaterial,
  disableKey,
  enableKey,
  purgeKey,
  restoreKey,
  rotateKey,
  withTokenTail,
  type Transition,
} from './transitions.ts';

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;

const change = {
  disable: (key: Key, nowMs: number) => disableKey(key, { stamp: freshStamp() }, nowMs),
  enable: (key: Key, nowMs: number) => enableKey(key, { stamp: freshStamp() }, nowMs),
  delete: (key: Key, nowMs: number) =>
    deleteKey(key, { stamp: freshStamp(), deletedBy: 'iam-ServiceId-2' }, nowMs),
  restore: (key: Key, nowMs: number) => restoreKey(key, { stamp: freshStamp() }, nowMs),
  rotate: (key: Key, nowMs: number, hasPayload = key.isImported) => {
    const stamp = freshStamp();
    return rotateKey(
      key,
      { stamp, versionId: `version of ${stamp.operationId}`, sealedMaterial: 'new', hasPayload },
      nowMs,
    );
  },
};

function done<Next>(transition: Transition<Next>): Next {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.key;
}

function codeOf(transition: Transition<unknown>): string {
  return transition.ok ? 'ok' : transition.refusal.code;
}

describe('create', () => {
  it('makes an Active key whose first version has the id of the key', () => {
    const key = madeKey();
    expect(key.state).toBe(keyState.active);
    expect(key.versions.map((version) => version.versionId)).toEqual([key.id]);
    expect(key.lastRotatedAtMs).toBeUndefined();
    expect(JSON.parse(JSON.stringify(key))).toEqual(key);
  });

  it('refuses an expiration that is not in the future', () => {
    expect(() => madeKey({ expiresAtMs: startMs })).toThrow('INVALID_FIELD_ERR');
    expect(madeKey({ expiresAtMs: startMs + 1 }).expiresAtMs).toBe(startMs + 1);
  });

  it('remembers the operation that made it, for ever', () => {
    const stamp = freshStamp({
      tokenKind: 'idempotency-key',
      tokenValue: 'mine',
      parametersHash: 'aa',
    });
    const key = madeKey({ stamp });
    const gone = done(
      purgeKey(done(change.delete(key, startMs)), { stamp: freshStamp() }, startMs + 90 * day),
    );
    expect(gone.creation).toEqual({ ...stamp, action: 'create', atMs: startMs });
    expect(JSON.stringify(gone)).not.toContain('sealed');
  });
});

describe('rotate', () => {
  it('is allowed right after create, and then once an hour', () => {
    const rotated = done(change.rotate(madeKey(), startMs));
    expect(codeOf(change.rotate(rotated, startMs + hour - 1))).toBe('KEY_ROTATION_NOT_PERMITTED');
    expect(codeOf(change.rotate(rotated, startMs + hour))).toBe('ok');
  });

  it('puts the new version in front and keeps the old ones', () => {
    const key = done(change.rotate(madeKey(), startMs + second));
    expect(key.versions).toHaveLength(2);
    expect(key.versions[1]).toEqual(madeKey().versions[0]);
    expect(key.lastRotatedAtMs).toBe(startMs + second);
  });

  it('wants material for an imported key, and none for a generated one: a query_param error, as the contract has it', () => {
    expect(codeOf(change.rotate(madeKey({ isImported: true }), startMs, false))).toBe(
      'KEY_PAYLOAD_REQ_ERR',
    );
    expect(change.rotate(madeKey(), startMs, true)).toMatchObject({
      refusal: {
        code: 'INVALID_QUERY_PARAM_ERR',
        target: { type: 'query_param', name: 'payload' },
      },
    });
  });

  it('is allowed for a Deactivated key and does not reactivate it', () => {
    const rotated = done(change.rotate(madeKey({ expiresAtMs: startMs + 1 }), startMs + hour));
    expect(effectiveState(rotated, startMs + hour)).toBe(keyState.deactivated);
    expect(rotated.expiresAtMs).toBe(startMs + 1);
  });

  it('stops at the most versions a register can carry', () => {
    const first = madeKey();
    const full: Key = {
      ...first,
      versions: [first.versions[0], ...Array(keyVersionsMax - 1).fill(first.versions[0])],
    };
    expect(codeOf(change.rotate(full, startMs))).toBe('KEY_ROTATION_NOT_PERMITTED');
  });
});

describe('disable and enable', () => {
  it('enable waits 30 seconds after the disable and says how long', () => {
    const disabled = done(change.disable(madeKey(), startMs));
    expect(disabled.state).toBe(keyState.suspended);
    expect(change.enable(disabled, startMs + 29_999)).toMatchObject({
      refusal: { code: 'REQ_TOO_EARLY_ERR', detail: 'the wait is 30s, of which 1s remain' },
    });
    expect(done(change.enable(disabled, startMs + 30_000)).state).toBe(keyState.active);
  });

  it('disable waits for nothing', () => {
    const disabled = done(change.disable(madeKey(), startMs));
    const enabled = done(change.enable(disabled, startMs + 30_000));
    expect(codeOf(change.disable(enabled, startMs + 30_000))).toBe('ok');
  });
});

describe('delete, restore and purge', () => {
  it('restore works from 30 seconds to 30 days after the delete', () => {
    const deleted = done(change.delete(madeKey(), startMs));
    expect(codeOf(change.restore(deleted, startMs + 29_999))).toBe('REQ_TOO_EARLY_ERR');
    expect(codeOf(change.restore(deleted, startMs + 30_000))).toBe('ok');
    expect(codeOf(change.restore(deleted, startMs + 30 * day))).toBe('ok');
    expect(codeOf(change.restore(deleted, startMs + 30 * day + 1))).toBe('KEY_RESTORE_EXPIRED');
  });

  it('restore gives an Active key without traces of the deletion, also when it was Suspended', () => {
    const deleted = done(change.delete(done(change.disable(madeKey(), startMs)), startMs));
    const restored = done(change.restore(deleted, startMs + day));
    expect(restored.state).toBe(keyState.active);
    expect('deletedAtMs' in restored || 'deletedBy' in restored).toBe(false);
  });

  it('a key past its expiration is not restored, and the answer tells the date', () => {
    const deleted = done(change.delete(madeKey({ expiresAtMs: startMs + day }), startMs));
    expect(change.restore(deleted, startMs + 2 * day)).toMatchObject({
      refusal: { code: 'KEY_EXPIRED_ERR', detail: 'it expired on 2026-03-02T12:00:00Z' },
    });
  });

  it('purge waits 4 hours and leaves a tombstone', () => {
    const deleted = done(change.delete(madeKey(), startMs));
    const early = purgeKey(deleted, { stamp: freshStamp() }, startMs + second);
    expect(early).toMatchObject({ refusal: { code: 'REQ_TOO_EARLY_ERR' } });
    expect(early.ok ? '' : early.refusal.detail).toContain('4h0m0s');
    expect(done(purgeKey(deleted, { stamp: freshStamp() }, startMs + 4 * hour)).isPurged).toBe(
      true,
    );
  });

  it('moving a token on changes no date', () => {
    const key = madeKey();
    expect(withTokenTail(key, { n: 1, atMs: startMs + day })).toEqual({
      ...key,
      tokenTail: { n: 1, atMs: startMs + day },
    });
  });
});

describe('any sequence of changes at any times', () => {
  const step = fc.record({
    name: fc.constantFrom(...(Object.keys(change) as (keyof typeof change)[])),
    // Clocks of three zones: also back, by up to two hours.
    byMs: fc.oneof(
      fc.integer({ min: -2 * hour, max: 2 * hour }),
      fc.integer({ min: 0, max: 40 * day }),
    ),
  });
  const allowed: Readonly<Record<keyof typeof change, readonly (readonly [KeyState, KeyState])[]>> =
    {
      disable: [[1, 2]],
      // To 3 when its expiration passed while it was Suspended.
      enable: [
        [2, 1],
        [2, 3],
      ],
      delete: [
        [1, 5],
        [2, 5],
        [3, 5],
      ],
      restore: [[5, 1]],
      rotate: [
        [1, 1],
        [3, 3],
      ],
    };

  it("never takes a transition that is not the contract's, never goes back in time, never loses a version", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.option(fc.integer({ min: 1, max: 60 * day })),
        (steps, lifeMs) => {
          let key = madeKey(lifeMs === null ? {} : { expiresAtMs: startMs + lifeMs });
          let nowMs = startMs;
          for (const { name, byMs } of steps) {
            nowMs += byMs;
            const before = key;
            const from = effectiveState(before, nowMs);
            const result = change[name](before, nowMs);
            if (!result.ok) continue;
            key = result.key;
            expect(allowed[name]).toContainEqual([from, effectiveState(key, nowMs)]);
            expect(key.updatedAtMs).toBeGreaterThanOrEqual(before.updatedAtMs);
            expect(key.lastActionAtMs).toBe(key.updatedAtMs);
            expect(key.versions.slice(-before.versions.length)).toEqual(before.versions);
            expect(key.versions.at(-1)?.versionId).toBe(key.id);
            expect(key.deletedAtMs !== undefined).toBe(key.state === keyState.destroyed);
            expect(key.operations.at(-1)?.action).toBe(name);
            expect(JSON.parse(JSON.stringify(key))).toEqual(key);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('createKey', () => {
  it('keeps the tail of its token when it is told one', () => {
    const key = madeKey();
    const made = createKey(
      { ...key, sealedMaterial: 's', stamp: freshStamp(), tokenTail: { n: 2, atMs: 5 } },
      startMs,
    );
    expect(done(made).tokenTail).toEqual({ n: 2, atMs: 5 });
  });
});

describe('destroyMaterial', () => {
  const deletedAtMs = startMs + hour;
  const deleted = () =>
    done(deleteKey(madeKey(), { stamp: freshStamp(), deletedBy: 'iam-1' }, deletedAtMs));

  it('refuses while a restore is possible, to the last millisecond of it', () => {
    expect(destroyMaterial(madeKey(), startMs + 90 * day).kind).toBe('early');
    expect(destroyMaterial(deleted(), deletedAtMs + restoreWindowMs).kind).toBe('early');
    const atEnd = restoreKey(deleted(), { stamp: freshStamp() }, deletedAtMs + restoreWindowMs);
    expect(atEnd.ok).toBe(true);
    expect(destroyMaterial(deleted(), deletedAtMs + restoreWindowMs + 1).kind).toBe('destroyed');
  });

  it('takes the material of every version, and keeps ids, dates, state and names', () => {
    const rotated = done(
      rotateKey(
        madeKey(),
        { stamp: freshStamp(), versionId: 'v2', sealedMaterial: 'more', hasPayload: false },
        startMs,
      ),
    );
    const key = done(deleteKey(rotated, { stamp: freshStamp(), deletedBy: 'x' }, deletedAtMs));
    const atMs = deletedAtMs + 31 * day;
    const outcome = destroyMaterial(key, atMs);
    if (outcome.kind !== 'destroyed') throw new Error(outcome.kind);
    expect(JSON.stringify(outcome.key)).not.toContain('sealedMaterial');
    expect(sealedVersions(key)).toHaveLength(2);
    expect(sealedVersions(outcome.key)).toBeUndefined();
    const versions = key.versions.map(({ versionId, createdAtMs }) => ({ versionId, createdAtMs }));
    expect(outcome.key).toEqual({ ...key, versions, materialDestroyedAtMs: atMs });
    expect(destroyMaterial(outcome.key, atMs + day)).toEqual({ kind: 'already', key: outcome.key });
  });

  it('is for good: no clock, however slow, restores the key; a purge still may come', () => {
    const outcome = destroyMaterial(deleted(), deletedAtMs + 31 * day);
    if (outcome.kind !== 'destroyed') throw new Error(outcome.kind);
    const slowMs = deletedAtMs + hour;
    const restored = restoreKey(outcome.key, { stamp: freshStamp() }, slowMs);
    expect(restored).toEqual({ ok: false, refusal: { code: 'KEY_RESTORE_EXPIRED' } });
    expect(purgeKey(outcome.key, { stamp: freshStamp() }, slowMs).ok).toBe(true);
  });
});
