// Finds wrap, unwrap and rewrap before express does: express costs more than half of a bare request (performance reference
// §1). Only the matching is repeated here; paths come from the one operation table, and both hosts call the same handler.
import { legacyActions, operationRow, type OperationName } from '@zonehold/api-contract';
import { assert } from '@zonehold/primitives';
import type { OperationTarget } from './operation-handler.ts';

const hotOperations = ['wrapKey', 'unwrapKey', 'rewrapKey'] as const satisfies OperationName[];
const parameter = ':keyRef';
const legacyPath = operationRow('actionOnKey').path;
const prefix = legacyPath.slice(0, legacyPath.indexOf(parameter));

/** `/actions/wrap` → `wrapKey` and so on: what follows the key in the new paths. */
const operationBySuffix: ReadonlyMap<string, OperationName> = new Map(
  hotOperations.map((name) => {
    const { path, method } = operationRow(name);
    assert(
      path.startsWith(prefix + parameter) && method === 'POST',
      `${name} cannot be a hot path`,
    );
    return [path.slice(prefix.length + parameter.length), name];
  }),
);

/** `wrap` and so on: the legacy actions of the same operations. */
const hotActions: ReadonlySet<string> = new Set(
  Object.entries(legacyActions)
    .filter(([, operation]) => (hotOperations as readonly OperationName[]).includes(operation))
    .map(([action]) => action),
);

/** The target of a hot request in its plainest spelling; undefined for everything that express should route. */
export function matchHotPath(
  method: string | undefined,
  url: string | undefined,
): OperationTarget | undefined {
  if (method !== 'POST' || url?.startsWith(prefix) !== true) return undefined;
  const queryAt = url.indexOf('?', prefix.length);
  const pathEnd = queryAt === -1 ? url.length : queryAt;
  const slashAt = url.indexOf('/', prefix.length);
  const refEnd = slashAt === -1 || slashAt > pathEnd ? pathEnd : slashAt;
  const operation =
    refEnd === pathEnd
      ? legacyOperation(url, queryAt)
      : operationBySuffix.get(url.slice(refEnd, pathEnd));
  const keyRef = url.slice(prefix.length, refEnd);
  if (operation === undefined || keyRef === '' || keyRef.includes('%')) return undefined;
  return { operation, keyRef };
}

function legacyOperation(url: string, queryAt: number): OperationName | undefined {
  if (queryAt === -1) return undefined;
  const action = new URLSearchParams(url.slice(queryAt + 1)).getAll('action');
  return action.length === 1 && hotActions.has(action[0] ?? '') ? 'actionOnKey' : undefined;
}
