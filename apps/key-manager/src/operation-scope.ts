// Where an operation needs its right (reference §1.3, §12, §14.3, §19.3). Every operation of the contract has a scope, served or not.
import { operations, type OperationName } from '@zonehold/api-contract';

/**
 * `key`: on the key of its path. `ring`: in the ring that the header names, or `default`. `rings`: in that ring, or without the header
 * in any: what is shown is cut to those. `instance`: in the whole instance, the header means nothing.
 */
export type OperationScope = 'key' | 'ring' | 'rings' | 'instance';

/** Those whose path names no key and that are not about the whole instance. */
const ringScopes: Readonly<Partial<Record<OperationName, OperationScope>>> = {
  createKey: 'ring',
  createKeyWithPoliciesOverrides: 'ring',
  postImportToken: 'ring',
  getImportToken: 'ring',
  getKeys: 'rings',
  getKeyCollectionMetadata: 'rings',
  getRegistrationsAllKeys: 'rings',
};

const scopes = Object.fromEntries(
  operations.map(({ name, path }) => [
    name,
    ringScopes[name] ?? (path.includes(':keyRef') ? 'key' : 'instance'),
  ]),
) as Readonly<Record<OperationName, OperationScope>>;

export function scopeOf(operation: OperationName): OperationScope {
  return scopes[operation];
}
