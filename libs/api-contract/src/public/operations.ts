// The operations of the contract by the names used in this house (reference §4, the SDK names). One table for the router,
// rights, audit and errors. The rows are in operation-rows.ts and operation-rows-other.ts.
import { invalidQuery, type ApiRefusal } from './errors.ts';
import type { OperationRowShape } from './operation-row.ts';
import { otherOperations } from './operation-rows-other.ts';
import { keyOperations } from './operation-rows.ts';

export type { OperationEffect, OperationMethod, OperationRowShape } from './operation-row.ts';

const rows = { ...keyOperations, ...otherOperations };

/** Every operation of the contract. */
export type OperationName = keyof typeof rows;

/** One row of the table, with its name. */
export interface OperationRow extends OperationRowShape {
  readonly name: OperationName;
}

/** All 56 operations, in an order that a first-match router can register. */
export const operations: readonly OperationRow[] = (
  Object.entries(rows) as [OperationName, OperationRowShape][]
).map(([name, row]) => ({ name, ...row }));

const byName = Object.fromEntries(operations.map((row) => [row.name, row])) as Readonly<
  Record<OperationName, OperationRow>
>;

/** The row of an operation. */
export function operationRow(name: OperationName): OperationRow {
  return byName[name];
}

/** True for the name of an operation of the contract. */
export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(byName, name);
}

/** `POST /keys/{id}?action=<a>`: the operation that each action stands for (reference §7.1). */
export const legacyActions = {
  wrap: 'wrapKey',
  unwrap: 'unwrapKey',
  rewrap: 'rewrapKey',
  rotate: 'rotateKey',
  restore: 'restoreKey',
  enable: 'enableKey',
  disable: 'disableKey',
  setKeyForDeletion: 'setKeyForDeletion',
  unsetKeyForDeletion: 'unsetKeyForDeletion',
} as const satisfies Readonly<Record<string, OperationName>>;

/** The operation behind a legacy `action` query value, or the refusal to give. */
export function resolveLegacyAction(
  action: string | undefined,
):
  | { readonly ok: true; readonly operation: OperationName }
  | { readonly ok: false; readonly refusal: ApiRefusal } {
  if (action !== undefined && Object.hasOwn(legacyActions, action)) {
    return { ok: true, operation: legacyActions[action as keyof typeof legacyActions] };
  }
  return {
    ok: false,
    refusal: invalidQuery('action', `one of ${Object.keys(legacyActions).join(', ')}`),
  };
}
