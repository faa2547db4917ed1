// What the domain answers when it refuses: a reason code of the contract, as data. Status and text are api-contract's.

/** The reason codes the domain gives (reference §3.3); a subset of api-contract's `ReasonCode`. */
export type DomainReasonCode =
  | 'INVALID_FIELD_ERR'
  | 'INVALID_QUERY_PARAM_ERR'
  | 'KEY_ROOT_REQ_ERR'
  | 'KEY_IMPT_REQ_ERR'
  | 'TOO_MANY_REQUESTS_ERR'
  | 'KEY_PAYLOAD_REQ_ERR'
  | 'KEY_EXPIRED_ERR'
  | 'KEY_RESTORE_EXPIRED'
  | 'KEY_ACTION_INVALID_STATE_ERR'
  | 'REQ_TOO_EARLY_ERR'
  | 'KEY_ROTATION_NOT_PERMITTED'
  | 'AUTHORIZATIONS_NOT_MET'
  | 'NOT_DUAL_AUTH_ERR'
  | 'KEY_CREATE_IMPORT_ACCESS_ERR'
  | 'IMPORT_TOKEN_EXPIRED_ERR'
  | 'IMPORT_TOKEN_NOT_FOUND_ERR'
  | 'KEY_DELETED_ERR'
  | 'KEY_INVALID_STATE_ERR'
  | 'KEY_ROOT_REQ_REG_ERR'
  | 'KEY_VERSION_INVALID'
  | 'PROTECTED_RESOURCE_ERR'
  | 'PREV_KEY_DEL_ERR'
  | 'REGISTRATION_NOT_FOUND_ERR'
  | 'REGISTRATION_NOT_UNIQUE_ERR'
  | 'REGISTRATION_LIMIT_ERR'
  | 'PRECONDITION_FAILED_ERR'
  | 'KEY_ALIAS_NOT_FOUND_ERR'
  | 'KEY_ALIAS_NOT_UNIQUE_ERR'
  | 'KEY_ALIAS_LIMIT_ERR'
  | 'KEY_RING_NOT_FOUND_ERR'
  | 'KEY_RING_NOT_UNIQUE_ERR'
  | 'KEY_RING_LIMIT_ERR'
  | 'KEY_RING_RESERVED_ERR';

/** Assignable to api-contract's `ApiRefusal`. */
export interface DomainRefusal {
  readonly code: DomainReasonCode;
  readonly detail?: string;
  readonly target?: { readonly type: 'field' | 'query_param'; readonly name: string };
}
