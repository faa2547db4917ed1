// Which reasons an operation may give: those that follow from its row and the shape of its request, and its own. As the
// document's answers, by status.
import { errorTable, type ReasonCode } from '../public/errors.ts';
import type { OperationRow } from '../public/operations.ts';
import type { OperationEntry } from './entry.ts';

/** What the gateway may say of any request of the contract. */
const ofEveryRequest: readonly ReasonCode[] = [
  'BAD_BODY_ERR',
  'INVALID_HEADER_ERR',
  'BEARER_SUB_EXTRACTION_ERR',
  'UNAUTHORIZED_ERR',
  'INSTANCE_SUSPENDED_ERR',
  'REQUEST_TIMEOUT_ERR',
  'REQUEST_TOO_LARGE_ERR',
  'TOO_MANY_REQUESTS_ERR',
  'HEADERS_TOO_LARGE_ERR',
  'INTERNAL_ERR',
  'SERVICE_UNAVAILABLE_ERR',
  'DEADLINE_EXCEEDED_ERR',
];
const ofEveryKey: readonly ReasonCode[] = ['KEY_NOT_FOUND_ERR', 'INCOMPLETE_METADATA_ERR'];
const ofEveryChange: readonly ReasonCode[] = [
  'OUTCOME_UNKNOWN_ERR',
  'IDEMPOTENCY_MISMATCH_ERR',
  'CONTENTION_ERR',
];

/** Every reason that `row` may give, once each. */
export function reasonsOf(row: OperationRow, entry: OperationEntry): readonly ReasonCode[] {
  const { queries = {}, headers = [] } = entry;
  const given = new Set<ReasonCode>([...ofEveryRequest, ...entry.refusals]);
  const add = (isGiven: boolean, codes: readonly ReasonCode[]): void => {
    if (isGiven) for (const code of codes) given.add(code);
  };
  add(row.path.includes(':keyRef'), ofEveryKey);
  add(row.effect === 'changes', ofEveryChange);
  add(headers.includes('X-Kms-Key-Ring'), ['KEY_RING_NOT_FOUND_ERR']);
  add(Object.keys(queries).length > 0, ['INVALID_QUERY_PARAM_ERR']);
  add(entry.body !== undefined, ['INVALID_FIELD_ERR']);
  add(row.isServiceOnly === true, ['SERVICE_ONLY_ERR']);
  add(!row.isImplemented, ['NOT_IMPLEMENTED_ERR']);
  // What no service may do here yet is said to services only.
  add(row.isServiceOnly === true && !row.isImplemented, ['FEATURE_RESTRICTED_ERR']);
  return [...given];
}

/** Statuses of `reasons` in their order, each with its reasons. */
export function byStatus(
  reasons: readonly ReasonCode[],
): ReadonlyMap<number, readonly ReasonCode[]> {
  const codes = reasons.toSorted((a, b) => errorTable[a].status - errorTable[b].status);
  const statuses = new Map<number, ReasonCode[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return statuses;
}
