// The collection envelope of requests (reference §1.6): metadata and resources.
import { badBody } from './errors.ts';
import { isJsonObject, pickMembers, type DecodedBody, type JsonObject } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';

export interface Envelope {
  readonly total: number;
  readonly resources: readonly unknown[];
}

/** BAD_BODY_ERR: no or empty metadata, no resources. Whether the total is right is for the caller to say. */
export function readEnvelope(body: JsonObject): Parsed<Envelope> {
  const outer = pickMembers(body, ['metadata', 'resources']);
  if (!outer.ok) return outer;
  const { metadata, resources } = outer.value;
  if (!isJsonObject(metadata)) return refused(badBody('the metadata is missing'));
  const inner = pickMembers(metadata, ['collectionType', 'collectionTotal']);
  if (!inner.ok) return inner;
  const total = inner.value['collectionTotal'];
  if (total === undefined) return refused(badBody('the metadata has no collectionTotal'));
  if (typeof total !== 'number' || !Number.isInteger(total)) {
    return refused(badBody('the collectionTotal is not an integer'));
  }
  if (!Array.isArray(resources)) return refused(badBody('the resources are missing'));
  return parsed({ total, resources });
}

/**
 * The one resource of a request envelope.
 * BAD_BODY_ERR: as the envelope, or more than one. COLLECTION_TOTAL_MISMATCH_ERR: the total lies.
 */
export function singleResource(body: JsonObject, what = 'key'): Parsed<JsonObject> {
  const envelope = readEnvelope(body);
  if (!envelope.ok) return envelope;
  const { total, resources } = envelope.value;
  if (resources.length > 1) return refused(badBody(`only one ${what} per request is possible`));
  if (total !== resources.length) return refused({ code: 'COLLECTION_TOTAL_MISMATCH_ERR' });
  const resource = resources[0];
  return isJsonObject(resource)
    ? parsed(resource)
    : refused(badBody(`there is no ${what} in the resources`));
}

/**
 * The resources of an envelope of policies: at least one, at most `max`, and one alone when the query names its policy.
 * BAD_BODY_ERR, COLLECTION_TOTAL_MISMATCH_ERR, NUM_COLLECTION_RESOURCE_ERR.
 */
export function policyResources(
  body: Exclude<DecodedBody, { readonly kind: 'refused' }>,
  policy: string | undefined,
  max: number,
): Parsed<readonly unknown[]> {
  if (body.kind === 'empty') return refused(badBody('there is no body'));
  const envelope = readEnvelope(body.value);
  if (!envelope.ok) return envelope;
  const { total, resources } = envelope.value;
  if (total !== resources.length) return refused({ code: 'COLLECTION_TOTAL_MISMATCH_ERR' });
  if (resources.length === 0) return refused(badBody('there is no policy in the resources'));
  if (policy !== undefined && resources.length > 1) {
    return refused({ code: 'NUM_COLLECTION_RESOURCE_ERR' });
  }
  return resources.length > max
    ? refused(badBody('each policy can be given once'))
    : parsed(resources);
}
