// Document entries: what is done with a key. Data only.
import type { ReasonCode } from '../../public/errors.ts';
import { actionQueries } from '../../public/query-schemas.ts';
import type { OperationEntry } from '../entry.ts';

const ring = ['X-Kms-Key-Ring'] as const;
const ofRootKeys: readonly ReasonCode[] = [
  'KEY_ROOT_REQ_ERR',
  'KEY_ACTION_INVALID_STATE_ERR',
  'KEY_DELETED_ERR',
];
const ofRotation: readonly ReasonCode[] = [
  ...ofRootKeys,
  'INVALID_QUERY_PARAM_ERR',
  'KEY_PAYLOAD_REQ_ERR',
  'KEY_ROTATION_NOT_PERMITTED',
  'KEY_CREATE_IMPORT_ACCESS_ERR',
  'INCORRECT_NONCE_ERR',
  'INCORRECT_NONCE_IV_ERR',
  'IMPORT_TOKEN_EXPIRED_ERR',
  'IMPORT_TOKEN_NOT_FOUND_ERR',
  'NOT_IMPLEMENTED_ERR',
];
const ofDualAuthorization: readonly ReasonCode[] = [
  'NOT_DUAL_AUTH_ERR',
  'KEY_ACTION_INVALID_STATE_ERR',
  'KEY_DELETED_ERR',
];
/** Well formed, and of no key: whoever sends it is told so. The story puts a real one in its place. */
const ciphertext = 'eyJjaXBoZXJ0ZXh0IjoiIn0=';
const aad = ['payroll', '2026'];

/** Actions by their own paths, and the older form with a query. */
export const keyActionEntries = {
  actionOnKey: {
    summary: 'Do with a key what the query says',
    description:
      'The older form of the paths under actions and of restore, with their bodies, answers and reasons.',
    queries: actionQueries,
    headers: ['X-Kms-Key-Ring', 'Prefer'],
    body: { schema: 'KeyActionRequest', isRequired: false, examples: { 'a data key': { aad } } },
    reply: 'KeyActionReply',
    moreStatuses: [201, 204],
    refusals: [
      ...ofRotation,
      ...ofDualAuthorization,
      'NO_BODY_ERR',
      'UNPROCESSABLE_CIPHERTEXT_ERR',
      'INVALID_SIG_EXP_ERR',
      'REQ_TOO_EARLY_ERR',
      'COLLECTION_TOTAL_MISMATCH_ERR',
      'KEY_IMPT_REQ_ERR',
      'KEY_RESTORE_EXPIRED',
      'KEY_EXPIRED_ERR',
    ],
  },
  wrapKey: {
    summary: 'Wrap a data key, or make one and wrap it',
    headers: ring,
    body: {
      schema: 'WrapRequest',
      isRequired: false,
      examples: {
        'a data key of the service': { aad },
        'a data key of our own': { plaintext: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', aad },
      },
    },
    reply: 'WrapReply',
    refusals: ofRootKeys,
  },
  unwrapKey: {
    summary: 'Unwrap a data key',
    headers: ring,
    body: {
      schema: 'UnwrapRequest',
      isRequired: true,
      examples: { 'a wrapped data key': { ciphertext, aad } },
    },
    reply: 'UnwrapReply',
    refusals: [...ofRootKeys, 'NO_BODY_ERR', 'UNPROCESSABLE_CIPHERTEXT_ERR'],
  },
  rewrapKey: {
    summary: 'Wrap a wrapped data key again, with the newest version',
    headers: ring,
    body: {
      schema: 'UnwrapRequest',
      isRequired: true,
      examples: { 'a wrapped data key': { ciphertext, aad } },
    },
    reply: 'RewrapReply',
    refusals: [...ofRootKeys, 'NO_BODY_ERR', 'UNPROCESSABLE_CIPHERTEXT_ERR', 'INVALID_SIG_EXP_ERR'],
  },
  rotateKey: {
    summary: 'Give a key a new version',
    headers: ['X-Kms-Key-Ring', 'Prefer'],
    body: {
      schema: 'RotateRequest',
      isRequired: false,
      examples: { 'a generated key': {} },
    },
    refusals: ofRotation,
  },
  setKeyForDeletion: {
    summary: 'Authorize the deletion of a key by somebody else',
    headers: ring,
    refusals: ofDualAuthorization,
  },
  unsetKeyForDeletion: {
    summary: 'Take the authorization back',
    headers: ring,
    refusals: ofDualAuthorization,
  },
  enableKey: {
    summary: 'Enable a disabled key',
    headers: ring,
    refusals: [...ofRootKeys, 'REQ_TOO_EARLY_ERR'],
  },
  disableKey: { summary: 'Disable a key', headers: ring, refusals: ofRootKeys },
  syncAssociatedResources: {
    summary: 'Tell the services that use a key of its state again',
    headers: ring,
    refusals: [...ofRootKeys, 'REQ_TOO_EARLY_ERR'],
  },
} as const satisfies Readonly<Record<string, OperationEntry>>;
