// What a claim of an alias is worth, and how it becomes worth nothing (aliases.ts, rules 1 to 4).
import { describe, expect, it } from 'vitest';
import { nextAliasSerial, standingOf, voidClaim, type AliasClaim } from './aliases.ts';
import type { AppliedOperation, Key } from './key.ts';
import { freshStamp, madeKey, startMs } from './key-fixture.ts';
import { aliasesMax } from './limits.ts';
import { summaryOf } from './summary.ts';
import { addAlias, deleteKey, purgeKey, removeAlias, type Transition } from './transitions.ts';

const stamp = freshStamp();
const give = (key: Key, alias: string): Key => done(addAlias(key, { stamp, alias }, startMs));
const take = (key: Key, alias: string): Key => done(removeAlias(key, { stamp, alias }, startMs));
const claimOf = (key: Key): AliasClaim => ({ keyId: key.id, serial: nextAliasSerial(key) });

function done<Next>(transition: Transition<Next>): Next {
  if (!transition.ok) throw new Error(transition.refusal.code);
  return transition.key;
}

describe('a claim', () => {
  const key = madeKey();
  const claim = claimOf(key);

  it('is open until the key lists the alias, and holds as long as it does', () => {
    expect(standingOf(claim, 'payroll', key)).toBe('open');
    const named = give(key, 'payroll');
    expect(standingOf(claim, 'payroll', named)).toBe('holds');
    expect(standingOf(claim, 'payroll', take(named, 'payroll'))).toBe('void');
  });

  it('is void once the key got another alias by the same serial', () => {
    expect(standingOf(claim, 'payroll', give(key, 'wages'))).toBe('void');
  });

  it('is void once the key is purged', () => {
    const deleted = done(deleteKey(give(key, 'payroll'), { stamp, deletedBy: 'me' }, startMs));
    expect(standingOf(claim, 'payroll', deleted)).toBe('holds');
    const purged = done(purgeKey(deleted, { stamp }, startMs + 4 * 3_600_000));
    expect(standingOf(claim, 'payroll', purged)).toBe('void');
  });

  it('that is made void changes nothing else of the key, and no later claim is void with it', () => {
    const voided = voidClaim(claim, key.instanceId, key, startMs) as Key;
    expect(standingOf(claim, 'payroll', voided)).toBe('void');
    expect(voided).toEqual({ ...key, aliasSerial: 1 });
    expect(standingOf(claimOf(voided), 'payroll', voided)).toBe('open');
  });

  it('of a key that was never made leaves a tombstone with its creation', () => {
    const creation: AppliedOperation = { ...stamp, action: 'create', atMs: startMs };
    const wanted = { ...claim, creation };
    expect(standingOf(wanted, 'payroll', undefined)).toBe('open');
    const voided = voidClaim(wanted, key.instanceId, undefined, startMs + 5);
    expect(voided).toMatchObject({ isPurged: true, isNeverMade: true, id: key.id, creation });
    expect(standingOf(wanted, 'payroll', voided)).toBe('void');
    expect(voidClaim(claim, key.instanceId, undefined, startMs)).toBeUndefined();
  });
});

describe('a key', () => {
  it('that is made with aliases lists them by the first serial', () => {
    const key = madeKey({ aliases: ['payroll'] });
    expect(standingOf({ keyId: key.id, serial: 1 }, 'payroll', key)).toBe('holds');
    expect(nextAliasSerial(key)).toBe(2);
    expect(madeKey()).not.toHaveProperty('aliasSerial');
  });

  it('has few aliases, none twice, and its list shows them', () => {
    let key = madeKey();
    for (let at = 0; at < aliasesMax; at += 1) key = give(key, `alias-${at}`);
    expect(() => give(key, 'one-more')).toThrow('KEY_ALIAS_LIMIT_ERR');
    expect(() => give(madeKey({ aliases: ['payroll'] }), 'payroll')).toThrow(
      'KEY_ALIAS_NOT_UNIQUE_ERR',
    );
    expect(() => take(key, 'payroll')).toThrow('KEY_ALIAS_NOT_FOUND_ERR');
    expect(summaryOf(take(key, 'alias-3')).aliases).toEqual([
      'alias-0',
      'alias-1',
      'alias-2',
      'alias-4',
    ]);
  });
});
