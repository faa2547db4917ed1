// Bodies of key policies as clients send them (reference §8.1), and each documented refusal.
import { describe, expect, it } from 'vitest';
import { parseOperation, type ParsedOperation } from './parse-operation.ts';

const type = 'application/vnd.ibm.kms.policy+json';

function put(
  resources: readonly unknown[],
  query: Readonly<Record<string, string>> = {},
  collectionTotal: unknown = resources.length,
): ParsedOperation<'putPolicy'> {
  const body = { metadata: { collectionType: type, collectionTotal }, resources };
  return parseOperation('putPolicy', { query, bodyText: JSON.stringify(body) });
}

function refusalOf(result: ParsedOperation): string {
  if (result.ok) return 'ok';
  const { code, target } = result.refusal;
  return target === undefined ? code : `${code} ${target.type} ${target.name}`;
}

describe('policies of a key', () => {
  it('are read one or both, in any capitals, with or without the query', () => {
    const rotation = { type, Rotation: { Interval_Month: 3.0 } };
    const dualAuth = { type, dualAuthDelete: { enabled: true } };
    expect(put([rotation, dualAuth])).toEqual({
      ok: true,
      body: {
        rotation: { isEnabled: true, intervalMonths: 3 },
        dualAuthDelete: { isEnabled: true },
      },
      query: {},
    });
    expect(put([dualAuth], { policy: 'dualAuthDelete' })).toMatchObject({
      ok: true,
      body: { dualAuthDelete: { isEnabled: true } },
      query: { policy: 'dualAuthDelete' },
    });
  });

  it('may be partial: enabled alone, an interval alone, both', () => {
    const wish = (rotation: unknown) => put([{ rotation }]);
    expect(wish({ enabled: true })).toMatchObject({ body: { rotation: { isEnabled: true } } });
    expect(wish({ enabled: false, interval_month: 4 })).toMatchObject({
      body: { rotation: { isEnabled: false, intervalMonths: 4 } },
    });
    expect(wish({ interval_month: 12 })).toMatchObject({
      body: { rotation: { isEnabled: true, intervalMonths: 12 } },
    });
  });

  it('may be sent back as they were read', () => {
    const shown = { id: 'x', crn: 'y', createdBy: 'z', updatedBy: 'z', creationDate: '' };
    const policy = { ...shown, lastUpdateDate: '', dualAuthDelete: { enabled: true } };
    expect(put([policy])).toMatchObject({ body: { dualAuthDelete: { isEnabled: true } } });
  });

  it.each([
    ['INVALID_FIELD_ERR field interval_month', [{ rotation: { interval_month: 0 } }]],
    ['INVALID_FIELD_ERR field interval_month', [{ rotation: { interval_month: 13 } }]],
    ['INVALID_FIELD_ERR field interval_month', [{ rotation: { interval_month: -1 } }]],
    ['INVALID_FIELD_ERR field interval_month', [{ rotation: { interval_month: 1.5 } }]],
    ['INVALID_FIELD_ERR field interval_month', [{ rotation: { interval_month: '3' } }]],
    ['INVALID_FIELD_ERR field enabled', [{ rotation: { enabled: 'yes', interval_month: 3 } }]],
    ['INVALID_FIELD_ERR field enabled', [{ dualAuthDelete: {} }]],
    ['INVALID_FIELD_ERR field type', [{ type: 'other', dualAuthDelete: { enabled: true } }]],
    ['BAD_BODY_ERR', [{ dualAuthDelete: { enabled: true, interval_month: 3 } }]],
    ['BAD_BODY_ERR', [{ dualAuthDelete: true }]],
    ['BAD_BODY_ERR', [{ rotation: { interval_month: 3, every: 'day' } }]],
    ['BAD_BODY_ERR', [{ metrics: { enabled: true } }]],
    ['BAD_BODY_ERR', [{ type }]],
    ['BAD_BODY_ERR', ['rotation']],
    ['BAD_BODY_ERR', [{ rotation: { interval_month: 3 }, dualAuthDelete: { enabled: true } }]],
    ['BAD_BODY_ERR', [{ rotation: { interval_month: 3 } }, { rotation: { interval_month: 4 } }]],
    ['BAD_BODY_ERR', []],
  ])('give %s (case %#)', (code, resources) => {
    expect(refusalOf(put(resources))).toBe(code);
  });

  it('name the unknown field, and never all of an endless name', () => {
    const result = put([{ ['x'.repeat(10_000)]: 1 }]);
    const detail = result.ok ? '' : (result.refusal.detail ?? '');
    expect(detail).toContain('unknown field "xxx');
    expect(detail.length).toBeLessThan(200);
  });

  it('need a body, a total that is right, and at most each policy once', () => {
    expect(refusalOf(parseOperation('putPolicy', { query: {}, bodyText: 'null' }))).toBe(
      'BAD_BODY_ERR',
    );
    expect(refusalOf(put([{ dualAuthDelete: { enabled: true } }], {}, 2))).toBe(
      'COLLECTION_TOTAL_MISMATCH_ERR',
    );
    expect(refusalOf(put([{}, {}, {}]))).toBe('BAD_BODY_ERR');
  });
});

describe('policies of a key that is made with them', () => {
  const create = (members: object) => {
    const resources = [{ name: 'key', extractable: false, ...members }];
    const bodyText = JSON.stringify({ metadata: { collectionTotal: 1 }, resources });
    return parseOperation('createKeyWithPoliciesOverrides', { query: {}, bodyText });
  };

  it('come with the members of a create, in any capitals, and may be none', () => {
    const key = { name: 'key', isExtractable: false };
    expect(create({ Rotation: { interval_month: 3 }, dualAuthDelete: { enabled: true } })).toEqual({
      ok: true,
      body: {
        ...key,
        policyOverrides: {
          rotation: { isEnabled: true, intervalMonths: 3 },
          dualAuthDelete: { isEnabled: true },
        },
      },
      query: undefined,
    });
    expect(create({ x: 1, rotation: null })).toMatchObject({
      body: { ...key, policyOverrides: {} },
    });
  });

  it.each([
    ['INVALID_FIELD_ERR field interval_month', { rotation: { interval_month: 13 } }],
    ['INVALID_FIELD_ERR field enabled', { dualAuthDelete: {} }],
    ['BAD_BODY_ERR', { rotation: { interval_month: 3, unit: 'day' } }],
    ['BAD_BODY_ERR', { rotation: 3 }],
    ['INVALID_FIELD_ERR field name', { name: 'x', rotation: 3 }],
  ])('give %s (case %#)', (code, members) => {
    expect(refusalOf(create(members))).toBe(code);
  });

  it('are no members of a plain create', () => {
    const resources = [{ name: 'key', extractable: false, rotation: { interval_month: 99 } }];
    const bodyText = JSON.stringify({ metadata: { collectionTotal: 1 }, resources });
    const plain = parseOperation('createKey', { query: {}, bodyText });
    expect(plain.ok && plain.body).toEqual({ name: 'key', isExtractable: false });
  });
});

describe('the query_param policy', () => {
  const dualAuth = { dualAuthDelete: { enabled: true } };
  const rotation = { rotation: { interval_month: 3 } };

  it('wants exactly the one policy it names', () => {
    expect(refusalOf(put([rotation, dualAuth], { policy: 'rotation' }))).toBe(
      'NUM_COLLECTION_RESOURCE_ERR',
    );
    expect(refusalOf(put([dualAuth], { policy: 'rotation' }))).toBe(
      'BODY_QUERY_PARAM_MISMATCH_ERR',
    );
  });

  it('is one of the two names, when it is set and when it is read', () => {
    const unknown = 'INVALID_QUERY_PARAM_ERR query_param policy';
    expect(refusalOf(put([dualAuth], { policy: 'metrics' }))).toBe(unknown);
    expect(refusalOf(parseOperation('getPolicy', { query: { policy: '' } }))).toBe(unknown);
    expect(parseOperation('getPolicy', { query: { policy: 'rotation' } })).toMatchObject({
      query: { policy: 'rotation' },
    });
  });
});
