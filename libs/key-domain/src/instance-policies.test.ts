// What an instance's policies mean for the keys that are made after them (reference §6.2, §9.1).
import { describe, expect, it } from 'vitest';
import {
  inheritedPolicies,
  instancePoliciesOf,
  refuseNewKey,
  refuseTokenless,
  type InstancePolicies,
  type InstancePolicyWishes,
  type KeyCreateImportAccess,
} from './instance-policies.ts';

const nowMs = 1_000_000;
const policiesOf = (wishes: InstancePolicyWishes, before?: InstancePolicies, atMs = nowMs) =>
  instancePoliciesOf(before, wishes, 'ann', atMs);

const everything: KeyCreateImportAccess = {
  createRootKey: true,
  createStandardKey: true,
  importRootKey: true,
  importStandardKey: true,
  enforceToken: false,
};
const limitedTo = (over: Partial<KeyCreateImportAccess>, isEnabled = true): InstancePolicies =>
  policiesOf({ keyCreateImportAccess: { isEnabled, access: { ...everything, ...over } } });

const kinds = {
  createRootKey: { isExtractable: false, isImported: false },
  createStandardKey: { isExtractable: true, isImported: false },
  importRootKey: { isExtractable: false, isImported: true },
  importStandardKey: { isExtractable: true, isImported: true },
} as const;
const kindNames = Object.keys(kinds) as (keyof typeof kinds)[];

/** The kinds of key that cannot be made. */
function refusedKinds(policies: InstancePolicies | undefined): readonly string[] {
  return kindNames.filter((name) => refuseNewKey(policies, kinds[name]) !== undefined);
}

describe('an instance policy', () => {
  it('is replaced whole, keeps its maker, and leaves the others alone', () => {
    const before = policiesOf({
      rotation: { isEnabled: true, intervalMonths: 3 },
      metrics: { isEnabled: true },
    });
    const after = instancePoliciesOf(before, { rotation: { isEnabled: false } }, 'bob', nowMs + 1);
    expect(after).toEqual({
      metrics: before.metrics,
      rotation: {
        isEnabled: false,
        createdAtMs: nowMs,
        createdBy: 'ann',
        updatedAtMs: nowMs + 1,
        updatedBy: 'bob',
      },
    });
  });

  it('is never dated before another one, however slow the clock', () => {
    const before = policiesOf({ metrics: { isEnabled: true } });
    const after = policiesOf({ dualAuthDelete: { isEnabled: true } }, before, nowMs - 5_000);
    expect(after.dualAuthDelete?.createdAtMs).toBe(nowMs);
  });
});

describe('a new key inherits', () => {
  const policies = policiesOf({
    dualAuthDelete: { isEnabled: true },
    rotation: { isEnabled: true, intervalMonths: 6 },
  });

  it('dual authorization whatever its kind, rotation only as a generated root key', () => {
    const dualAuthDelete = { isEnabled: true };
    const rotation = { isEnabled: true, intervalMonths: 6 };
    expect(inheritedPolicies(policies, kinds.createRootKey)).toEqual({ dualAuthDelete, rotation });
    for (const name of ['createStandardKey', 'importRootKey', 'importStandardKey'] as const) {
      expect(inheritedPolicies(policies, kinds[name])).toEqual({ dualAuthDelete });
    }
  });

  it('nothing from policies that are disabled or were never set', () => {
    const disabled = policiesOf({
      dualAuthDelete: { isEnabled: false },
      rotation: { isEnabled: false },
    });
    expect(inheritedPolicies(disabled, kinds.createRootKey)).toEqual({});
    expect(inheritedPolicies(undefined, kinds.createRootKey)).toEqual({});
  });
});

describe('keyCreateImportAccess', () => {
  it.each(kindNames)('without %s refuses that kind of key alone', (name) => {
    expect(refusedKinds(limitedTo({ [name]: false }))).toEqual([name]);
    const refusal = refuseNewKey(limitedTo({ [name]: false }), kinds[name]);
    expect(refusal?.code).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
  });

  it('refuses nothing when it is disabled, was never set, or allows everything', () => {
    expect(refusedKinds(undefined)).toEqual([]);
    expect(refusedKinds(limitedTo({}))).toEqual([]);
    expect(refusedKinds(limitedTo({ createRootKey: false, enforceToken: true }, false))).toEqual(
      [],
    );
  });

  it('that enforces tokens lets a root key be imported with one, whatever the import flags say, and a standard key never', () => {
    const enforced = limitedTo({
      enforceToken: true,
      importRootKey: false,
      importStandardKey: false,
    });
    expect(refuseNewKey(enforced, { ...kinds.importRootKey, isWithToken: true })).toBeUndefined();
    const standard = { ...kinds.importStandardKey, isWithToken: true };
    expect(refuseNewKey(enforced, standard)?.code).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    const open = limitedTo({ importStandardKey: true, enforceToken: true });
    expect(refuseNewKey(open, kinds.importStandardKey)?.code).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
  });

  it('that enforces no tokens counts an import with one as an import', () => {
    const withToken = { ...kinds.importRootKey, isWithToken: true };
    expect(refuseNewKey(limitedTo({ importRootKey: false }), withToken)?.code).toBe(
      'KEY_CREATE_IMPORT_ACCESS_ERR',
    );
    expect(refuseNewKey(limitedTo({}), withToken)).toBeUndefined();
  });

  it('that enforces tokens refuses every import without one, and other material too', () => {
    const enforced = limitedTo({ enforceToken: true });
    expect(refusedKinds(enforced)).toEqual(['importRootKey', 'importStandardKey']);
    expect(refuseTokenless(enforced)?.code).toBe('KEY_CREATE_IMPORT_ACCESS_ERR');
    expect(refuseTokenless(limitedTo({ importRootKey: false }))).toBeUndefined();
    expect(refuseTokenless(undefined)).toBeUndefined();
  });
});
