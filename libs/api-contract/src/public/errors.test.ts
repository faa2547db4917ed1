// The error table against reference §3.3, and the envelope against §3.1.
import { describe, expect, it } from 'vitest';
import {
  badBody,
  contractReasonCodes,
  errorBody,
  errorTable,
  invalidField,
  invalidQuery,
  messageOf,
  statusOf,
  type ReasonCode,
} from './errors.ts';

/** Status → codes, reference §3.3 once more. */
const byStatus: Readonly<Record<number, string>> = {
  400: `BAD_BODY_ERR NO_BODY_ERR COLLECTION_TOTAL_MISMATCH_ERR BODY_QUERY_PARAM_MISMATCH_ERR NUM_COLLECTION_RESOURCE_ERR
    INVALID_FIELD_ERR INVALID_QUERY_PARAM_ERR KEY_SEARCH_TOO_BROAD BEARER_SUB_EXTRACTION_ERR KEY_ROOT_REQ_ERR KEY_IMPT_REQ_ERR
    KEY_PAYLOAD_REQ_ERR KEY_EXPIRED_ERR KEY_RESTORE_EXPIRED INCORRECT_NONCE_ERR INCORRECT_NONCE_IV_ERR`,
  401: 'UNAUTHORIZED_ERR',
  403: 'CONFIG_RULE_CONFLICT_ERR FEATURE_RESTRICTED_ERR RESOURCE_OWNER_ERR SERVICE_ONLY_ERR',
  404: 'KEY_NOT_FOUND_ERR',
  409: `KEY_ACTION_INVALID_STATE_ERR REQ_TOO_EARLY_ERR KEY_ROTATION_NOT_PERMITTED PROTECTED_RESOURCE_ERR PREV_KEY_DEL_ERR
    AUTHORIZATIONS_NOT_MET NOT_DUAL_AUTH_ERR KEY_CREATE_IMPORT_ACCESS_ERR IMPORT_TOKEN_EXPIRED_ERR KEY_ALIAS_NOT_UNIQUE_ERR`,
  410: 'KEY_DELETED_ERR',
  422: 'UNPROCESSABLE_CIPHERTEXT_ERR INVALID_SIG_EXP_ERR KEY_INVALID_STATE_ERR KEY_ROOT_REQ_REG_ERR KEY_VERSION_INVALID',
  500: 'INCOMPLETE_METADATA_ERR',
};
const codes = Object.keys(errorTable) as ReasonCode[];

describe('the error table', () => {
  it("has every code of the contract under its status, and no other as the contract's", () => {
    const wanted = Object.entries(byStatus).flatMap(([status, list]) =>
      list.split(/\s+/).map((code) => `${status} ${code}`),
    );
    const shown = contractReasonCodes.map((code) => `${errorTable[code].status} ${code}`);
    expect(shown.toSorted()).toEqual(wanted.toSorted());
  });

  it('tells whoever may try again when: every 503 and 429, and nothing else', () => {
    const retryable = codes.filter((code) => errorTable[code].retryAfterS !== undefined);
    const wanted = codes.filter((code) => [429, 503].includes(errorTable[code].status));
    expect(retryable).toEqual(wanted);
    expect(statusOf({ code: 'OUTCOME_UNKNOWN_ERR' })).toBe(409);
  });
});

describe('an error body', () => {
  it("is the contract's envelope, with errorMsg inside resources", () => {
    expect(
      errorBody(invalidField('name', 'between 2 and 90 characters'), 'Key could not be created'),
    ).toEqual({
      metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
      resources: [
        {
          errorMsg:
            'Bad Request: Key could not be created: Please see `reasons` for more details (INVALID_FIELD_ERR)',
          reasons: [
            {
              code: 'INVALID_FIELD_ERR',
              message: 'The field name must be: between 2 and 90 characters',
              status: 400,
              moreInfo: 'https://cloud.ibm.com/apidocs/key-protect',
              target: { type: 'field', name: 'name' },
            },
          ],
        },
      ],
    });
  });

  it('of a 401 names no reasons and no detail', () => {
    const body = errorBody(
      { code: 'UNAUTHORIZED_ERR', detail: 'secret detail' },
      'Key could not be created',
    );
    expect(body.resources).toEqual([
      { errorMsg: 'Unauthorized: The user does not have access to the specified resource' },
    ]);
  });

  it('of every other code has one reason with its status and a known phrase in front', () => {
    for (const code of codes.filter((other) => other !== 'UNAUTHORIZED_ERR')) {
      const [resource] = errorBody({ code }, 'It failed').resources;
      expect(resource.reasons).toHaveLength(1);
      expect(resource.reasons?.[0]).toMatchObject({ code, status: errorTable[code].status });
      expect(resource.errorMsg).toMatch(/^(?!Error)[A-Z][A-Za-z -]+: It failed: /);
    }
  });

  it('points at the usual target unless told another', () => {
    const reason = (body: ReturnType<typeof errorBody>): unknown =>
      body.resources[0].reasons?.[0]?.target;
    expect(reason(errorBody({ code: 'PROTECTED_RESOURCE_ERR' }, ''))).toEqual({
      type: 'query_param',
      name: 'force',
    });
    expect(reason(errorBody({ code: 'KEY_PAYLOAD_REQ_ERR' }, ''))).toEqual({
      type: 'field',
      name: 'payload',
    });
    expect(reason(errorBody(badBody('x'), ''))).toBeUndefined();
  });

  it('appends the detail to the message', () => {
    expect(messageOf({ code: 'KEY_DELETED_ERR' })).toBe('Key has already been deleted');
    expect(messageOf({ code: 'REQ_TOO_EARLY_ERR', detail: 'wait 30s' })).toMatch(/: wait 30s$/);
    expect(messageOf(invalidQuery('limit', 'small'))).toBe('The query_param limit must be: small');
  });
});
