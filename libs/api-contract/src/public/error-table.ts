// One table from reason code to status and text (reference §3.3), and Zonehold's own codes below it. Data only.

/** What a client may be told to have got wrong. */
export interface RefusalTarget {
  readonly type: 'field' | 'query_param';
  readonly name: string;
}

/** One row: the HTTP status, the text for people, and what the refusal points at when nobody says otherwise. */
export interface ErrorRow {
  readonly status: number;
  readonly message: string;
  readonly target?: RefusalTarget;
  /** Seconds for a `Retry-After` header: the request was not applied and may be sent again. */
  readonly retryAfterS?: number;
}

const contractErrors = {
  BAD_BODY_ERR: {
    status: 400,
    message: 'Invalid body data was passed. Please ensure the data passed had valid formatting',
  },
  NO_BODY_ERR: { status: 400, message: 'No body was passed. Please ensure the request has a body' },
  COLLECTION_TOTAL_MISMATCH_ERR: {
    status: 400,
    message: 'The collection total does not match the number of resources',
  },
  BODY_QUERY_PARAM_MISMATCH_ERR: {
    status: 400,
    message: 'The body does not match the query parameter',
  },
  NUM_COLLECTION_RESOURCE_ERR: {
    status: 400,
    message: 'Only one policy is allowed with the policy query parameter',
  },
  INVALID_FIELD_ERR: { status: 400, message: 'A field of the body has an invalid value' },
  INVALID_QUERY_PARAM_ERR: { status: 400, message: 'A query parameter has an invalid value' },
  KEY_SEARCH_TOO_BROAD: {
    status: 400,
    message: 'The search covers too many keys. Please narrow it with a filter',
  },
  BEARER_SUB_EXTRACTION_ERR: {
    status: 400,
    message: 'The subject of the bearer token could not be read',
  },
  KEY_ROOT_REQ_ERR: {
    status: 400,
    message: 'The requested action can only be performed with a root key',
  },
  KEY_IMPT_REQ_ERR: {
    status: 400,
    message: 'The requested action can only be performed with an imported key',
  },
  KEY_PAYLOAD_REQ_ERR: {
    status: 400,
    message: 'Key material is required to perform this action on an imported key',
    target: { type: 'field', name: 'payload' },
  },
  KEY_EXPIRED_ERR: { status: 400, message: 'The key is expired' },
  KEY_RESTORE_EXPIRED: {
    status: 400,
    message: 'The time in which the key could be restored has passed',
  },
  INCORRECT_NONCE_ERR: { status: 400, message: 'The nonce does not match the import token' },
  INCORRECT_NONCE_IV_ERR: {
    status: 400,
    message: 'The nonce could not be decrypted with the key material and iv',
  },
  UNAUTHORIZED_ERR: {
    status: 401,
    message: 'The user does not have access to the specified resource',
  },
  CONFIG_RULE_CONFLICT_ERR: {
    status: 403,
    message: 'The request does not comply with the configuration rules',
  },
  FEATURE_RESTRICTED_ERR: { status: 403, message: 'This action is not permitted on the resource' },
  RESOURCE_OWNER_ERR: {
    status: 403,
    message: 'The resource does not belong to the calling service',
  },
  SERVICE_ONLY_ERR: { status: 403, message: 'This action can only be performed by a service' },
  KEY_NOT_FOUND_ERR: { status: 404, message: 'Key does not exist' },
  KEY_ACTION_INVALID_STATE_ERR: { status: 409, message: 'Key is not in a valid state' },
  REQ_TOO_EARLY_ERR: {
    status: 409,
    message: 'The key was updated recently. Please wait and try again',
  },
  KEY_ROTATION_NOT_PERMITTED: {
    status: 409,
    message: 'A key can be rotated only once within an hour',
  },
  PROTECTED_RESOURCE_ERR: {
    status: 409,
    message: 'The key protects one or more resources',
    target: { type: 'query_param', name: 'force' },
  },
  PREV_KEY_DEL_ERR: {
    status: 409,
    message: 'A protected resource has a retention policy that prevents the deletion of the key',
  },
  AUTHORIZATIONS_NOT_MET: {
    status: 409,
    message: 'The number of authorizations required to delete the key is not met',
  },
  NOT_DUAL_AUTH_ERR: { status: 409, message: 'The key does not have a dual authorization policy' },
  KEY_CREATE_IMPORT_ACCESS_ERR: {
    status: 409,
    message: 'A policy of the instance does not allow this action',
  },
  IMPORT_TOKEN_EXPIRED_ERR: { status: 409, message: 'The import token has expired' },
  KEY_ALIAS_NOT_UNIQUE_ERR: {
    status: 409,
    message: 'The alias is already in use in this instance',
  },
  KEY_DELETED_ERR: { status: 410, message: 'Key has already been deleted' },
  UNPROCESSABLE_CIPHERTEXT_ERR: {
    status: 422,
    message: 'The ciphertext provided was invalid or corrupted',
  },
  INVALID_SIG_EXP_ERR: { status: 422, message: 'The signature is invalid' },
  KEY_INVALID_STATE_ERR: {
    status: 422,
    message: 'The key is not in a valid state for a registration',
  },
  KEY_ROOT_REQ_REG_ERR: { status: 422, message: 'Only root keys can be registered' },
  KEY_VERSION_INVALID: {
    status: 422,
    message: 'The key version must be newer than the registered one',
  },
  INCOMPLETE_METADATA_ERR: { status: 500, message: 'The stored metadata of the key is damaged' },
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** Codes the vendor has not published (reference §27.2), and what a replicated service has to say besides. */
const zoneholdErrors = {
  INVALID_HEADER_ERR: {
    status: 400,
    message: 'A header of the request is missing or has an invalid value',
  },
  INSTANCE_NOT_FOUND_ERR: { status: 404, message: 'Instance does not exist' },
  INSTANCE_SUSPENDED_ERR: { status: 409, message: 'The instance is suspended' },
  KEY_ALIAS_NOT_FOUND_ERR: { status: 404, message: 'The key does not have this alias' },
  KEY_ALIAS_LIMIT_ERR: { status: 409, message: 'The key has too many aliases' },
  KEY_RING_NOT_FOUND_ERR: { status: 404, message: 'Key ring does not exist' },
  KEY_RING_NOT_UNIQUE_ERR: { status: 409, message: 'The key ring exists already' },
  KEY_RING_NOT_EMPTY_ERR: { status: 409, message: 'The key ring holds keys' },
  KEY_RING_RESERVED_ERR: { status: 409, message: 'The default key ring cannot be deleted' },
  KEY_RING_LIMIT_ERR: { status: 409, message: 'The instance has too many key rings' },
  IMPORT_TOKEN_NOT_FOUND_ERR: { status: 404, message: 'The instance has no import token' },
  REGISTRATION_NOT_FOUND_ERR: {
    status: 404,
    message: 'The resource has no registration with the key',
  },
  REGISTRATION_NOT_UNIQUE_ERR: {
    status: 409,
    message: 'The resource is registered with the key already',
  },
  REGISTRATION_LIMIT_ERR: { status: 409, message: 'The key has too many registrations' },
  PRECONDITION_FAILED_ERR: {
    status: 412,
    message: 'The registration was changed since the version that If-Match names',
  },
  ROUTE_NOT_FOUND_ERR: { status: 404, message: 'There is no such path' },
  METHOD_NOT_ALLOWED_ERR: { status: 405, message: 'The path does not serve this method' },
  REQUEST_TIMEOUT_ERR: { status: 408, message: 'The request did not arrive in time' },
  OUTCOME_UNKNOWN_ERR: {
    status: 409,
    message: 'It is not known whether the request took effect. It is safe to send it again',
  },
  IDEMPOTENCY_MISMATCH_ERR: {
    status: 409,
    message: 'The idempotency key was used before with another request, or its key has been purged',
  },
  CONTENTION_ERR: {
    status: 409,
    message: 'The resource is being changed by too many requests. Please try again',
  },
  REQUEST_TOO_LARGE_ERR: { status: 413, message: 'The request is too large' },
  TOO_MANY_REQUESTS_ERR: { status: 429, message: 'Too many requests', retryAfterS: 1 },
  HEADERS_TOO_LARGE_ERR: { status: 431, message: 'The headers of the request are too large' },
  INTERNAL_ERR: { status: 500, message: 'The request could not be served' },
  NOT_IMPLEMENTED_ERR: { status: 501, message: 'This operation is not available yet' },
  SERVICE_UNAVAILABLE_ERR: {
    status: 503,
    message: 'The request was not applied. Please try again',
    retryAfterS: 1,
  },
  DEADLINE_EXCEEDED_ERR: {
    status: 503,
    message: 'The request was not applied in time. Please try again',
    retryAfterS: 1,
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

const allErrors = { ...contractErrors, ...zoneholdErrors };

/** Every code a refusal may carry. */
export type ReasonCode = keyof typeof allErrors;

/** Reason code → status, text and default target. */
export const errorTable: Readonly<Record<ReasonCode, ErrorRow>> = allErrors;

/** Codes the vendor documents; clients test on these. */
export const contractReasonCodes = Object.keys(
  contractErrors,
) as readonly (keyof typeof contractErrors)[];
