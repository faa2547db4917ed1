// The operation table against reference §4, and its order against what a first-match router does.
import { describe, expect, it } from 'vitest';
import {
  isOperationName,
  legacyActions,
  operationRow,
  operations,
  resolveLegacyAction,
} from './operations.ts';

/** Reference §4 once more: method, path under /api/v2, success status. */
const index = `
HEAD /keys 200 | POST /keys 201 | GET /keys 200 | POST /keys_with_policy_overrides 201 | GET /keys/{} 200 | POST /keys/{} 200
PATCH /keys/{} 200 | DELETE /keys/{} 204 | GET /keys/{}/metadata 200 | DELETE /keys/{}/purge 204 | POST /keys/{}/restore 201
GET /keys/{}/versions 200 | POST /keys/{}/actions/wrap 200 | POST /keys/{}/actions/unwrap 200 | POST /keys/{}/actions/rewrap 200
POST /keys/{}/actions/rotate 204 | POST /keys/{}/actions/setKeyForDeletion 204 | POST /keys/{}/actions/unsetKeyForDeletion 204
POST /keys/{}/actions/enable 204 | POST /keys/{}/actions/disable 204 | POST /keys/{}/actions/sync 204 | PUT /keys/{}/policies 200
GET /keys/{}/policies 200 | PUT /instance/policies 204 | GET /instance/policies 200 | GET /instance/allowed_ip_port 200
POST /import_token 200 | GET /import_token 200 | GET /keys/{}/registrations 200 | GET /keys/registrations 200
POST /keys/{}/aliases/{} 201 | DELETE /keys/{}/aliases/{} 204 | GET /key_rings 200 | POST /key_rings/{} 201 | DELETE /key_rings/{} 204
GET /kmip_adapters 200 | POST /kmip_adapters 201 | GET /kmip_adapters/{} 200 | DELETE /kmip_adapters/{} 204
GET /kmip_adapters/{}/kmip_objects 200 | GET /kmip_adapters/{}/kmip_objects/{} 200 | DELETE /kmip_adapters/{}/kmip_objects/{} 204
GET /kmip_adapters/{}/certificates 200 | POST /kmip_adapters/{}/certificates 201 | GET /kmip_adapters/{}/certificates/{} 200
DELETE /kmip_adapters/{}/certificates/{} 204 | POST /event_ack 204 | POST /keys/{}/registrations/{} 201
PATCH /keys/{}/registrations/{} 200 | PUT /keys/{}/registrations/{} 200 | DELETE /keys/{}/registrations/{} 204
POST /keys/{}/registrations 204 | POST /keys/{}/migrationIntent 201 | GET /keys/{}/migrationIntent 200 | DELETE /keys/{}/migrationIntent 204
GET /governance/v1/configs 200
`;
const wanted = index
  .split(/[|\n]/)
  .map((entry) => entry.trim())
  .filter((entry) => entry !== '');
const shown = operations.map((row) => {
  const path = row.path.replace('/api/v2', '').replaceAll(/:\w+/g, '{}');
  return `${row.method} ${path} ${row.successStatus}`;
});

describe('the operation table', () => {
  it('has the 56 operations of the index, and no other', () => {
    expect(wanted).toHaveLength(56);
    expect(shown.toSorted()).toEqual(wanted.toSorted());
    expect(new Set(operations.map((row) => row.name)).size).toBe(56);
  });

  it('never lets a parametric path hide a static one: /keys/registrations is not a key', () => {
    const matcher = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);
    const hidden = operations.filter((row, at) =>
      operations
        .slice(0, at)
        .some((earlier) => earlier.method === row.method && matcher(earlier.path).test(row.path)),
    );
    expect(hidden.map((row) => row.name)).toEqual([]);
  });

  it('has HEAD before GET of the same path, since a router would answer HEAD with GET', () => {
    const names = operations.map((row) => row.name);
    expect(names.indexOf('getKeyCollectionMetadata')).toBeLessThan(names.indexOf('getKeys'));
  });

  it('answers 204 without and 200 with a body where Prefer decides; no 202 anywhere', () => {
    const deciding = operations.filter((row) => row.representationStatus !== undefined);
    expect(deciding.map((row) => [row.name, row.successStatus, row.representationStatus])).toEqual([
      ['deleteKey', 204, 200],
      ['purgeKey', 204, 200],
      ['deleteRegistration', 204, 200],
    ]);
    expect(operations.some((row) => row.successStatus === 202)).toBe(false);
  });

  it('marks the ten service-to-service operations', () => {
    expect(operations.filter((row) => row.isServiceOnly === true)).toHaveLength(10);
  });

  it('says a get is a read, a wrap is crypto, a GET of an import token a change', () => {
    expect(operationRow('getKey').effect).toBe('reads');
    expect(operationRow('unwrapKey').effect).toBe('crypto');
    expect(operationRow('getImportToken').effect).toBe('changes');
  });

  it('finds rows by name and knows strangers', () => {
    for (const row of operations) expect(operationRow(row.name)).toBe(row);
    expect(isOperationName('wrapKey')).toBe(true);
    expect(isOperationName('toString')).toBe(false);
  });
});

describe('legacy actions', () => {
  it('stand for the new paths, sync excepted', () => {
    for (const [action, operation] of Object.entries(legacyActions)) {
      const path = action === 'restore' ? '/restore' : `/actions/${action}`;
      expect(operationRow(operation).path.endsWith(path)).toBe(true);
      expect(resolveLegacyAction(action)).toEqual({ ok: true, operation });
    }
    expect(Object.keys(legacyActions)).toHaveLength(9);
  });

  it.each([undefined, '', 'sync', 'Wrap', 'constructor'])(
    '%s is an invalid query parameter',
    (action) => {
      expect(resolveLegacyAction(action)).toMatchObject({
        refusal: {
          code: 'INVALID_QUERY_PARAM_ERR',
          target: { type: 'query_param', name: 'action' },
        },
      });
    },
  );
});
