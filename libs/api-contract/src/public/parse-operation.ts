// The one door from a request's query and body to what a key-manager gets, by operation; new names in its path are checked too.
// Headers and the rest of the path are the gateway's.
import { checkAlias, checkKeyRingId, checkResourceCrn } from '@zonehold/key-domain';
import type { BodyOf, QueryOf } from './canonical.ts';
import type { ApiRefusal } from './errors.ts';
import { invalidField } from './errors.ts';
import { decodeBody, type DecodedBody } from './json-body.ts';
import { operationRow, resolveLegacyAction, type OperationName } from './operations.ts';
import { parsePostImportToken } from './parse-import-token.ts';
import { parseInstancePolicies, parseInstancePolicyQuery } from './parse-instance-policies.ts';
import {
  parseCreateKey,
  parseCreateKeyWithOverrides,
  parsePatchKey,
  parseRestore,
  parseRotate,
} from './parse-key-bodies.ts';
import { parseKeyPolicies, parseKeyPolicyQuery } from './parse-key-policies.ts';
import {
  parseForce,
  parseKeyCount,
  parseListKeyRings,
  parseListKeys,
  parseListVersions,
  type RawQuery,
} from './parse-queries.ts';
import {
  parseCreateRegistration,
  parseEventAcknowledge,
  parseRegistrationsOfAllKeys,
  parseRegistrationsOfKey,
  parseReplaceRegistration,
  parseUpdateRegistration,
} from './parse-registrations.ts';
import { parseUnwrap, parseWrap } from './parse-wrap-bodies.ts';
import { refused, type Parsed } from './parsed.ts';

export interface OperationInput {
  readonly query: RawQuery;
  /** The body decoded as UTF-8; absent or empty when there is none. */
  readonly bodyText?: string | undefined;
  /** The last parameter of a path that has two, or names no key. */
  readonly subRef?: string | undefined;
}

/** A well-formed request of one operation, or the refusal to give once the caller's right is sure. */
export type ParsedOperation<Name extends OperationName = OperationName> =
  | { readonly ok: true; readonly body: BodyOf<Name>; readonly query: QueryOf<Name> }
  | { readonly ok: false; readonly refusal: ApiRefusal };

type Body = Exclude<DecodedBody, { readonly kind: 'refused' }>;

/** Each gets the operation's own canonical query. */
type BodyParser<Name extends OperationName> = (
  body: Body,
  query: QueryOf<Name>,
) => Parsed<BodyOf<Name>>;

const bodyParsers: { readonly [Name in OperationName]?: BodyParser<Name> } = {
  createKey: parseCreateKey,
  createKeyWithPoliciesOverrides: parseCreateKeyWithOverrides,
  wrapKey: parseWrap,
  unwrapKey: parseUnwrap,
  rewrapKey: parseUnwrap,
  rotateKey: parseRotate,
  restoreKey: parseRestore,
  patchKey: parsePatchKey,
  putPolicy: parseKeyPolicies,
  putInstancePolicy: parseInstancePolicies,
  postImportToken: parsePostImportToken,
  createRegistration: parseCreateRegistration,
  updateRegistration: parseUpdateRegistration,
  replaceRegistration: parseReplaceRegistration,
  eventAcknowledge: parseEventAcknowledge,
};

const queryParsers: Readonly<Partial<Record<OperationName, (query: RawQuery) => Parsed<unknown>>>> =
  {
    getKeyCollectionMetadata: parseKeyCount,
    getKeys: parseListKeys,
    getKeyVersions: parseListVersions,
    deleteKey: parseForce,
    putPolicy: parseKeyPolicyQuery,
    getPolicy: parseKeyPolicyQuery,
    putInstancePolicy: parseInstancePolicyQuery,
    getInstancePolicy: parseInstancePolicyQuery,
    listKeyRings: parseListKeyRings,
    deleteKeyRing: parseForce,
    getRegistrations: parseRegistrationsOfKey,
    getRegistrationsAllKeys: parseRegistrationsOfAllKeys,
  };

const resource = { field: 'urlEncodedResourceCRN', check: checkResourceCrn };

/** What a path gives a name to: the field that a refusal points at, and the rule the name must obey. */
const namings: Readonly<
  Partial<
    Record<
      OperationName,
      { readonly field: string; readonly check: (name: string) => string | undefined }
    >
  >
> = {
  createKeyAlias: { field: 'alias', check: checkAlias },
  createKeyRing: { field: 'key-ring-id', check: checkKeyRingId },
  createRegistration: resource,
  updateRegistration: resource,
  replaceRegistration: resource,
  deleteRegistration: resource,
};

/**
 * Reads query and body of `operation`. Refusals: BAD_BODY_ERR, NO_BODY_ERR, COLLECTION_TOTAL_MISMATCH_ERR,
 * INVALID_FIELD_ERR (target field), KEY_ROOT_REQ_ERR, INVALID_QUERY_PARAM_ERR (target query_param), NOT_IMPLEMENTED_ERR.
 * A body where the operation takes none is not looked at. `actionOnKey` is read as the action its query names: a router
 * that wants the operation's name asks `resolveLegacyAction` first.
 */
export function parseOperation<Name extends OperationName>(
  operation: Name,
  input: OperationInput,
): ParsedOperation<Name> {
  if (operation === 'actionOnKey') return parseLegacyAction(input) as ParsedOperation<Name>;
  if (!operationRow(operation).isImplemented) return refused({ code: 'NOT_IMPLEMENTED_ERR' });
  const naming = namings[operation];
  const brokenRule = naming?.check(input.subRef ?? '');
  if (naming !== undefined && brokenRule !== undefined) {
    return refused(invalidField(naming.field, brokenRule));
  }
  const query = queryParsers[operation]?.(input.query);
  if (query?.ok === false) return query;
  const parseBody = bodyParsers[operation];
  if (parseBody === undefined) return wellFormed<Name>(undefined, query?.value);
  const decoded = decodeBody(input.bodyText);
  if (decoded.kind === 'refused') return refused(decoded.refusal);
  const body = parseBody(decoded, query?.value as QueryOf<Name>);
  return body.ok ? wellFormed<Name>(body.value, query?.value) : body;
}

/** The tables above pair each name with the parser of its types; this is the one place that relies on it. */
function wellFormed<Name extends OperationName>(
  body: unknown,
  query: unknown,
): ParsedOperation<Name> {
  return { ok: true, body: body as BodyOf<Name>, query: query as QueryOf<Name> };
}

function parseLegacyAction(input: OperationInput): ParsedOperation {
  const resolved = resolveLegacyAction(input.query['action']);
  return resolved.ok ? parseOperation(resolved.operation, input) : resolved;
}
