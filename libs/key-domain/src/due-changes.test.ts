import { describe, expect, it } from 'vitest';
import { applyDue, isUndated, nextDue, type DueChange } from './due-changes.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import type { KeyPolicies } from './key-policies.ts';
import { keyState, type Key, type KeyRecord } from './key.ts';
import { keyVersionsMax } from './limits.ts';
import { rotationDueAtMs } from './rotation-date.ts';
import { packSummary, summaryOf, unpackSummary } from './summary.ts';
import { deleteKey, disableKey, rotateKey } from './transitions.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const fresh = { versionId: 'b0d0aa1e-7a5f-4f1c-8f44-3f27c7a3a001', sealedMaterial: 'sealed-2' };

function monthly(over: Partial<{ isEnabled: boolean; intervalMonths: number }> = {}): KeyPolicies {
  const dates = { createdAtMs: startMs, createdBy: 'a', updatedAtMs: startMs, updatedBy: 'a' };
  return { rotation: { id: 'p', isEnabled: true, intervalMonths: 1, ...dates, ...over } };
}

const next = (key: Key, nowMs: number): DueChange | undefined => nextDue(summaryOf(key), nowMs);

/** Carries out what is next at `nowMs`; fails the test when nothing is, or it is not done. */
function carriedOut(key: Key, nowMs: number): KeyRecord {
  const due = next(key, nowMs);
  if (due === undefined) throw new Error('nothing is due');
  const outcome = applyDue(key, due, fresh, nowMs);
  if (outcome.kind !== 'write') throw new Error(outcome.kind);
  return outcome.record;
}

function living(record: KeyRecord): Key {
  if (record.isPurged) throw new Error('purged');
  return record;
}

function made(result: ReturnType<typeof deleteKey>): Key {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.key;
}

describe('a rotation policy', () => {
  it('is due its months of thirty days after creation, then after each rotation', () => {
    const key = madeKey({ policies: monthly({ intervalMonths: 3 }) });
    expect(rotationDueAtMs(key)).toBe(startMs + 90 * dayMs);
    const rotated = living(carriedOut(key, startMs + 91 * dayMs));
    expect(rotationDueAtMs(rotated)).toBe(startMs + 181 * dayMs);
  });

  it('starts its interval anew with a rotation by hand', () => {
    const key = madeKey({ policies: monthly() });
    const atMs = startMs + 29 * dayMs;
    const input = { ...fresh, hasPayload: false, stamp: freshStamp() };
    const rotated = made(rotateKey(key, input, atMs));
    expect(next(rotated, startMs + 31 * dayMs)).toEqual({
      kind: 'rotate',
      dueAtMs: atMs + 30 * dayMs,
    });
  });

  it('counts from creation when it is set later, so that it may be due at once', () => {
    const key = { ...madeKey(), policies: monthly() };
    const nowMs = startMs + 400 * dayMs;
    const rotated = living(carriedOut(key, nowMs));
    expect(rotated.versions).toHaveLength(2);
    expect(rotated.lastRotatedAtMs).toBe(nowMs);
    expect(next(rotated, nowMs)?.dueAtMs).toBe(nowMs + 30 * dayMs);
  });

  it.each([
    ['disabled', {}, monthly({ isEnabled: false })],
    ['of an imported key', { isImported: true }, monthly()],
    ['of a standard key', { isExtractable: true }, monthly()],
  ])('that is %s rotates nothing', (_name, over, policies) => {
    expect(next(madeKey({ ...over, policies }), startMs + 400 * dayMs)).toBeUndefined();
  });

  it('waits while the key is suspended, and rotates an expired key no more', () => {
    const key = madeKey({ policies: monthly(), expiresAtMs: startMs + 60 * dayMs });
    const nowMs = startMs + 40 * dayMs;
    expect(next(made(disableKey(key, { stamp: freshStamp() }, nowMs)), nowMs)).toBeUndefined();
    expect(next(key, nowMs)?.kind).toBe('rotate');
    expect(next(key, startMs + 61 * dayMs)?.kind).toBe('expire');
  });

  it('is refused by a key that is full of versions', () => {
    const full = madeKey({ policies: monthly() });
    const [version] = full.versions;
    const versions = [version, ...Array.from({ length: keyVersionsMax - 1 }, () => version)];
    const key: Key = { ...full, versions: versions as unknown as Key['versions'] };
    const due = next(key, startMs + 30 * dayMs)!;
    expect(applyDue(key, due, fresh, startMs + 30 * dayMs)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'KEY_ROTATION_NOT_PERMITTED' },
    });
  });
});

describe('a change that is due', () => {
  const nowMs = startMs + 31 * dayMs;

  it('is made once, whoever tries again with the same date', () => {
    const key = madeKey({ policies: monthly() });
    const due = next(key, nowMs)!;
    const once = living(carriedOut(key, nowMs));
    expect(once.operations.at(-1)?.operationId).toBe(`due/rotate/${due.dueAtMs}`);
    expect(applyDue(once, due, fresh, nowMs)).toEqual({ kind: 'overtaken' });
    expect(applyDue(once, due, fresh, nowMs + 29 * dayMs)).toEqual({ kind: 'overtaken' });
  });

  it('is one rotation however many were missed', () => {
    const key = madeKey({ policies: monthly() });
    const late = startMs + 365 * dayMs;
    expect(next(living(carriedOut(key, late)), late)?.dueAtMs).toBe(late + 30 * dayMs);
  });

  it('is not made a moment too early, nor of a key that changed, nor of nothing', () => {
    const key = madeKey({ policies: monthly() });
    const due = next(key, nowMs)!;
    const early = applyDue(key, due, fresh, due.dueAtMs - 1);
    const suspended = made(disableKey(key, { stamp: freshStamp() }, nowMs));
    expect(early).toEqual({ kind: 'overtaken' });
    expect(applyDue(key, due, fresh, due.dueAtMs).kind).toBe('write');
    expect(applyDue(suspended, due, fresh, nowMs)).toEqual({ kind: 'overtaken' });
    expect(applyDue(undefined, due, fresh, nowMs)).toEqual({ kind: 'overtaken' });
  });
});

describe('an expiration date', () => {
  const expiresAtMs = startMs + 10 * dayMs;

  it('becomes the stored state, with the date itself, and no wait counts from it', () => {
    const key = madeKey({ expiresAtMs });
    const expired = living(carriedOut(key, expiresAtMs + hourMs));
    expect(expired).toMatchObject({ state: keyState.deactivated, updatedAtMs: expiresAtMs });
    expect(expired.lastActionAtMs).toBe(key.lastActionAtMs);
    expect(next(expired, expiresAtMs + hourMs)).toBeUndefined();
  });

  it('never takes back the date of a later change', () => {
    const updatedAtMs = expiresAtMs + 5;
    const key = { ...madeKey({ expiresAtMs }), updatedAtMs };
    expect(living(carriedOut(key, expiresAtMs + hourMs)).updatedAtMs).toBe(updatedAtMs);
  });
});

describe('a deleted key', () => {
  it('is purged ninety days after its deletion, and not before', () => {
    const deletedAtMs = startMs + dayMs;
    const input = { stamp: freshStamp(), deletedBy: 'a' };
    const key = made(deleteKey(madeKey({ policies: monthly() }), input, deletedAtMs));
    const due = { kind: 'purge', dueAtMs: deletedAtMs + 90 * dayMs } as const;
    expect(next(key, deletedAtMs)).toEqual(due);
    expect(applyDue(key, due, fresh, due.dueAtMs - 1)).toEqual({ kind: 'overtaken' });
    expect(carriedOut(key, due.dueAtMs)).toMatchObject({
      isPurged: true,
      purgedAtMs: due.dueAtMs,
      creation: key.creation,
    });
  });
});

describe('the line of a key in its list', () => {
  it('says when its policy rotates it, or that none does', () => {
    const plain = unpackSummary(packSummary(summaryOf(madeKey())))!;
    const dated = unpackSummary(packSummary(summaryOf(madeKey({ policies: monthly() }))))!;
    expect(nextDue(plain, startMs)).toBeUndefined();
    expect(nextDue(dated, startMs)).toEqual({ kind: 'rotate', dueAtMs: startMs + 30 * dayMs });
    expect([plain, dated].some(isUndated)).toBe(false);
  });

  it('counts as undated when it is older than such dates, if the key could rotate by itself', () => {
    const undated = (key: Key) => {
      const packed = JSON.parse(packSummary(summaryOf(key))) as object;
      return isUndated(unpackSummary(JSON.stringify({ ...packed, t: undefined }))!);
    };
    expect(undated(madeKey())).toBe(true);
    expect(undated(madeKey({ isImported: true }))).toBe(false);
    expect(undated(madeKey({ isExtractable: true }))).toBe(false);
    expect(undated({ ...madeKey(), state: keyState.destroyed })).toBe(false);
  });
});
