// Refusals of the contract as data, and the body a client reads (reference §3.1). The codes are in error-table.ts.
import { errorTable, type ReasonCode, type RefusalTarget } from './error-table.ts';

export {
  contractReasonCodes,
  errorTable,
  type ErrorRow,
  type ReasonCode,
  type RefusalTarget,
} from './error-table.ts';

/**
 * A refusal as data. `code` selects status and text from `errorTable`; `detail` is appended to the message
 * (for INVALID_FIELD_ERR and INVALID_QUERY_PARAM_ERR it is the rule that the target must obey).
 */
export interface ApiRefusal {
  readonly code: ReasonCode;
  readonly detail?: string;
  readonly target?: RefusalTarget;
}

/** Where the contract says more about an error. */
export const moreInfoUrl = 'https://cloud.ibm.com/apidocs/key-protect';

/** Reason phrases as the contract prints them (RFC 9110 §15). */
const phraseByStatus: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export interface ErrorReason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly status: number;
  readonly moreInfo: string;
  readonly target?: RefusalTarget;
}

export interface ErrorBody {
  readonly metadata: {
    readonly collectionType: 'application/vnd.ibm.kms.error+json';
    readonly collectionTotal: 1;
  };
  readonly resources: readonly [
    { readonly errorMsg: string; readonly reasons?: readonly ErrorReason[] },
  ];
}

/** The HTTP status of a refusal. */
export function statusOf(refusal: ApiRefusal): number {
  return errorTable[refusal.code].status;
}

/** The text for people of one reason, with its detail. */
export function messageOf(refusal: ApiRefusal): string {
  const row = errorTable[refusal.code];
  const target = refusal.target ?? row.target;
  if (refusal.detail === undefined) return row.message;
  if (target !== undefined && refusal.code === 'INVALID_FIELD_ERR') {
    return `The field ${target.name} must be: ${refusal.detail}`;
  }
  if (target !== undefined && refusal.code === 'INVALID_QUERY_PARAM_ERR') {
    return `The query_param ${target.name} must be: ${refusal.detail}`;
  }
  return `${row.message}: ${refusal.detail}`;
}

/**
 * The body of a refusal. `phrase` says what failed (`operationRow(name).failurePhrase`).
 * A 401 names no reasons and gives no detail: who has no right learns nothing (reference §3.1).
 */
export function errorBody(refusal: ApiRefusal, phrase: string): ErrorBody {
  const row = errorTable[refusal.code];
  const prefix = phraseByStatus[row.status] ?? 'Error';
  const metadata = {
    collectionType: 'application/vnd.ibm.kms.error+json',
    collectionTotal: 1,
  } as const;
  if (row.status === 401)
    return { metadata, resources: [{ errorMsg: `${prefix}: ${row.message}` }] };
  const target = refusal.target ?? row.target;
  const reason: ErrorReason = {
    code: refusal.code,
    message: messageOf(refusal),
    status: row.status,
    moreInfo: moreInfoUrl,
    ...(target === undefined ? {} : { target }),
  };
  const errorMsg = `${prefix}: ${phrase}: Please see \`reasons\` for more details (${refusal.code})`;
  return { metadata, resources: [{ errorMsg, reasons: [reason] }] };
}

/** INVALID_FIELD_ERR: `rule` completes "The field <name> must be: ". */
export function invalidField(name: string, rule: string): ApiRefusal {
  return { code: 'INVALID_FIELD_ERR', detail: rule, target: { type: 'field', name } };
}

/** INVALID_QUERY_PARAM_ERR: `rule` completes "The query_param <name> must be: ". */
export function invalidQuery(name: string, rule: string): ApiRefusal {
  return { code: 'INVALID_QUERY_PARAM_ERR', detail: rule, target: { type: 'query_param', name } };
}

/** BAD_BODY_ERR with what is wrong. */
export function badBody(detail: string): ApiRefusal {
  return { code: 'BAD_BODY_ERR', detail };
}
