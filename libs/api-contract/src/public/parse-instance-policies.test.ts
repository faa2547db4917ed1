// Bodies of instance policies as clients send them (reference §9.1), and each documented refusal.
import { describe, expect, it } from 'vitest';
import { parseOperation, type ParsedOperation } from './parse-operation.ts';

function put(
  resources: readonly unknown[],
  query: Readonly<Record<string, string>> = {},
  collectionTotal: unknown = resources.length,
): ParsedOperation<'putInstancePolicy'> {
  const body = { metadata: { collectionTotal }, resources };
  return parseOperation('putInstancePolicy', { query, bodyText: JSON.stringify(body) });
}

const policy = (policy_type: string, enabled: unknown, attributes?: unknown) => ({
  policy_type,
  policy_data: { enabled, ...(attributes === undefined ? {} : { attributes }) },
});

function refusalOf(result: ParsedOperation): string {
  if (result.ok) return 'ok';
  const { code, target } = result.refusal;
  return target === undefined ? code : `${code} ${target.type} ${target.name}`;
}

const bodyOf = (...resources: readonly unknown[]): unknown => {
  const result = put(resources);
  return result.ok ? result.body : result.refusal;
};

describe('the policies of an instance', () => {
  it('are read together, each once', () => {
    expect(
      bodyOf(
        policy('dualAuthDelete', true),
        policy('metrics', false),
        policy('rotation', true, { interval_month: 3 }),
        policy('allowedNetwork', true, { allowed_network: 'private-only' }),
        policy('allowedIP', true, { allowed_ip: ['192.0.2.0/24', '2001:db8::/32'] }),
      ),
    ).toEqual({
      dualAuthDelete: { isEnabled: true },
      metrics: { isEnabled: false },
      rotation: { isEnabled: true, intervalMonths: 3 },
      allowedNetwork: { isEnabled: true, network: 'private-only' },
      allowedIP: { isEnabled: true, cidrs: ['192.0.2.0/24', '2001:db8::/32'] },
    });
  });

  it('have the default for each access that is left out', () => {
    const access = {
      createRootKey: true,
      createStandardKey: true,
      importRootKey: true,
      importStandardKey: true,
      enforceToken: false,
    };
    expect(bodyOf(policy('keyCreateImportAccess', true))).toEqual({
      keyCreateImportAccess: { isEnabled: true, access },
    });
    const attributes = { create_root_key: false, enforce_token: true };
    expect(bodyOf(policy('keyCreateImportAccess', true, attributes))).toEqual({
      keyCreateImportAccess: {
        isEnabled: true,
        access: { ...access, createRootKey: false, enforceToken: true },
      },
    });
  });

  it('that are disabled keep no attributes, though two of them may be sent some', () => {
    expect(
      bodyOf(
        policy('allowedNetwork', false, { allowed_network: 'public-and-private' }),
        policy('keyCreateImportAccess', false, { create_root_key: false }),
        policy('rotation', false),
        policy('allowedIP', false),
      ),
    ).toEqual({
      allowedNetwork: { isEnabled: false },
      keyCreateImportAccess: { isEnabled: false },
      rotation: { isEnabled: false },
      allowedIP: { isEnabled: false },
    });
    expect(bodyOf(policy('allowedNetwork', false))).toEqual({
      allowedNetwork: { isEnabled: false },
    });
  });

  it('may be sent back as they were read', () => {
    const shown = { createdBy: 'a', updatedBy: 'a', creationDate: '', lastUpdated: '' };
    expect(bodyOf({ ...shown, ...policy('metrics', true) })).toEqual({
      metrics: { isEnabled: true },
    });
  });

  it.each([
    ['INVALID_FIELD_ERR field policy_type', policy('other', true)],
    ['INVALID_FIELD_ERR field policy_type', { policy_data: { enabled: true } }],
    ['INVALID_FIELD_ERR field enabled', policy('metrics', 'true')],
    ['INVALID_FIELD_ERR field enabled', { policy_type: 'metrics', policy_data: {} }],
    ['BAD_BODY_ERR', { policy_type: 'metrics' }],
    ['BAD_BODY_ERR', { type: 'x', dualAuthDelete: { enabled: false } }],
    ['BAD_BODY_ERR', { ...policy('metrics', true), extra: 1 }],
    ['BAD_BODY_ERR', { policy_type: 'metrics', policy_data: { enabled: true, extra: 1 } }],
    ['BAD_BODY_ERR', policy('metrics', true, {})],
    ['BAD_BODY_ERR', policy('dualAuthDelete', true, { interval_month: 3 })],
    ['INVALID_FIELD_ERR field interval_month', policy('rotation', true)],
    ['INVALID_FIELD_ERR field interval_month', policy('rotation', true, { interval_month: 13 })],
    ['BAD_BODY_ERR', policy('rotation', true, { interval_month: 3, enforce_token: true })],
    ['BAD_BODY_ERR', policy('rotation', false, { interval_month: 3 })],
    ['INVALID_FIELD_ERR field allowed_network', policy('allowedNetwork', true)],
    [
      'INVALID_FIELD_ERR field allowed_network',
      policy('allowedNetwork', true, { allowed_network: 'public' }),
    ],
    ['INVALID_FIELD_ERR field allowed_ip', policy('allowedIP', true)],
    ['INVALID_FIELD_ERR field allowed_ip', policy('allowedIP', true, { allowed_ip: [] })],
    ['INVALID_FIELD_ERR field allowed_ip', policy('allowedIP', true, { allowed_ip: '::/0' })],
    ['INVALID_FIELD_ERR field allowed_ip', policy('allowedIP', true, { allowed_ip: [1] })],
    [
      'INVALID_FIELD_ERR field allowed_ip',
      policy('allowedIP', true, { allowed_ip: ['192.0.2.0/24', '192.0.2.1'] }),
    ],
    [
      'INVALID_FIELD_ERR field allowed_ip',
      policy('allowedIP', true, { allowed_ip: Array.from({ length: 201 }, () => '::/0') }),
    ],
    ['BAD_BODY_ERR', policy('allowedIP', false, { allowed_ip: ['::/0'] })],
    [
      'INVALID_FIELD_ERR field enforce_token',
      policy('keyCreateImportAccess', true, { enforce_token: 'yes' }),
    ],
    ['BAD_BODY_ERR', policy('keyCreateImportAccess', true, { create_key: true })],
    ['BAD_BODY_ERR', policy('keyCreateImportAccess', true, [])],
  ])('give %s (case %#)', (code, resource) => {
    expect(refusalOf(put([resource]))).toBe(code);
  });

  it('need a body, a right total and each type once; the query names exactly one', () => {
    const metrics = policy('metrics', true);
    const dualAuth = policy('dualAuthDelete', true);
    expect(refusalOf(put([]))).toBe('BAD_BODY_ERR');
    expect(refusalOf(put([metrics], {}, 2))).toBe('COLLECTION_TOTAL_MISMATCH_ERR');
    expect(refusalOf(put([metrics, metrics]))).toBe('BAD_BODY_ERR');
    expect(refusalOf(put([metrics, dualAuth], { policy: 'metrics' }))).toBe(
      'NUM_COLLECTION_RESOURCE_ERR',
    );
    expect(refusalOf(put([dualAuth], { policy: 'metrics' }))).toBe('BODY_QUERY_PARAM_MISMATCH_ERR');
    expect(refusalOf(put([metrics], { policy: 'metrics' }))).toBe('ok');
    expect(refusalOf(put([metrics], { policy: 'x' }))).toBe(
      'INVALID_QUERY_PARAM_ERR query_param policy',
    );
  });
});
