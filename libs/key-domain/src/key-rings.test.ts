// Which rings there are, and which of them a key is in, whatever happens to the ring meanwhile (reference §12).
import { describe, expect, it } from 'vitest';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import {
  createKeyRing,
  deleteKeyRing,
  keyRingOf,
  nameKeyRing,
  noKeyRings,
  type KeyRings,
  type KeyRingTransition,
} from './key-rings.ts';
import { checkKeyRingId, keyRingsMax } from './limits.ts';
import { recogniseRepeat } from './repeat.ts';
import { packSummary, summaryOf, unpackSummary } from './summary.ts';
import { deleteKey, disableKey, enableKey, moveKey } from './transitions.ts';

const createdBy = 'iam-ServiceId-1';
const made = (rings: KeyRings, id: string, stamp = freshStamp()): KeyRings =>
  done(createKeyRing(rings, { id, createdBy, stamp }, startMs));
const deleted = (rings: KeyRings, id: string, stamp = freshStamp()): KeyRings =>
  done(deleteKeyRing(rings, { id, stamp }, startMs));

function done(transition: KeyRingTransition): KeyRings {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.rings;
}

describe('the id of a key ring', () => {
  it.each(['ab', 'Payroll-2026', 'constructor', 'x'.repeat(100)])('may be %s', (id) => {
    expect(checkKeyRingId(id)).toBeUndefined();
  });
  it.each(['', 'a', 'x'.repeat(101), 'a b', 'a_b', 'ä-ring', '../x'])('is never %j', (id) => {
    expect(checkKeyRingId(id)).toBeDefined();
  });
});

describe('key rings', () => {
  it('are told apart by the capitals of their ids', () => {
    expect(made(made(noKeyRings, 'ring-a'), 'Ring-A').rings.map(({ id }) => id)).toEqual([
      'ring-a',
      'Ring-A',
    ]);
  });

  it('are not made twice, and default is there always', () => {
    const rings = made(noKeyRings, 'ring-a');
    expect(() => made(rings, 'ring-a')).toThrow('KEY_RING_NOT_UNIQUE_ERR');
    expect(() => made(noKeyRings, 'default')).toThrow('KEY_RING_NOT_UNIQUE_ERR');
    expect(() => deleted(rings, 'default')).toThrow('KEY_RING_RESERVED_ERR');
    expect(() => deleted(rings, 'ring-b')).toThrow('KEY_RING_NOT_FOUND_ERR');
  });

  it('are limited, and one that is deleted makes room', () => {
    let rings = noKeyRings;
    for (let at = 0; at < keyRingsMax; at += 1) rings = made(rings, `ring-${at}`);
    expect(() => made(rings, 'one-more')).toThrow('KEY_RING_LIMIT_ERR');
    expect(made(deleted(rings, 'ring-7'), 'one-more').rings).toHaveLength(keyRingsMax);
  });

  it('keep few of the operations that made them', () => {
    let rings = noKeyRings;
    for (let at = 0; at < 100; at += 1) rings = deleted(made(rings, 'ring-a'), 'ring-a');
    expect(rings.operations.length).toBeLessThanOrEqual(32);
  });
});

describe('a key', () => {
  const rings = made(noKeyRings, 'ring-a');
  const inRing = madeKey(nameKeyRing(rings, 'ring-a'));

  it('is in the ring it names', () => {
    expect(keyRingOf(inRing, rings)).toBe('ring-a');
    expect(keyRingOf(madeKey(), rings)).toBe('default');
  });

  it('is in default once its ring is gone, and stays there when another ring gets the id', () => {
    const without = deleted(rings, 'ring-a');
    expect(keyRingOf(inRing, without)).toBe('default');
    expect(keyRingOf(inRing, made(without, 'ring-a'))).toBe('default');
  });

  it('is in a ring that was made after the rings were read, never in default by mistake', () => {
    const later = made(deleted(rings, 'ring-a'), 'ring-a');
    expect(keyRingOf(madeKey(nameKeyRing(later, 'ring-a')), rings)).toBe('ring-a');
    expect(keyRingOf(inRing, noKeyRings)).toBe('ring-a');
  });

  it('is in the same ring for the list', () => {
    const listed = unpackSummary(packSummary(summaryOf(inRing)));
    expect(listed).toEqual(summaryOf(inRing));
    expect(listed && keyRingOf(listed, rings)).toBe('ring-a');
  });

  it('moves between rings, and back to default without a trace of the other', () => {
    const moved = moveKey(
      inRing,
      { stamp: freshStamp(), ring: { keyRingId: 'default' } },
      startMs + 5,
    );
    if (!moved.ok) throw new Error(moved.refusal.code);
    expect(moved.key).toMatchObject({ keyRingId: 'default', updatedAtMs: startMs + 5 });
    expect(moved.key).not.toHaveProperty('keyRingNumber');
  });

  it('does not move when it is deleted', () => {
    const gone = deleteKey(inRing, { stamp: freshStamp(), deletedBy: 'me' }, startMs);
    const ring = { keyRingId: 'default' };
    expect(gone.ok && moveKey(gone.key, { stamp: freshStamp(), ring }, startMs)).toMatchObject({
      refusal: { code: 'KEY_DELETED_ERR' },
    });
  });

  it('is enabled 30 s after it was disabled, although it was moved in between', () => {
    const disabled = disableKey(inRing, { stamp: freshStamp() }, startMs);
    if (!disabled.ok) throw new Error(disabled.refusal.code);
    const ring = { keyRingId: 'default' };
    const moved = moveKey(disabled.key, { stamp: freshStamp(), ring }, startMs + 20_000);
    expect(moved.ok && enableKey(moved.key, { stamp: freshStamp() }, startMs + 30_000).ok).toBe(
      true,
    );
  });
});

describe('a repeat', () => {
  const stamp = freshStamp({ tokenKind: 'correlation', tokenValue: 'c' });

  it('is known although another ring was changed since', () => {
    const rings = made(made(noKeyRings, 'ring-a', stamp), 'ring-b');
    expect(recogniseRepeat(rings, stamp, 'create-ring', startMs).kind).toBe('replay');
  });

  it('is a new wish once the ring was deleted, if only the Correlation-Id is the same', () => {
    const rings = deleted(made(noKeyRings, 'ring-a', stamp), 'ring-a');
    const again = { ...stamp, operationId: 'another' };
    expect(recogniseRepeat(rings, again, 'create-ring', startMs).kind).toBe('new');
    expect(recogniseRepeat(rings, stamp, 'create-ring', startMs).kind).toBe('replay');
  });
});
