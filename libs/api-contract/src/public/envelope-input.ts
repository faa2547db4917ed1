// The collection envelope of requests (reference §1.6): metadata and exactly one resource.
import { badBody } from './errors.ts';
import { isJsonObject, pickMembers, type JsonObject } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';

/**
 * The one resource of a request envelope.
 * BAD_BODY_ERR: no or empty metadata, no resources, more than one. COLLECTION_TOTAL_MISMATCH_ERR: the total lies.
 */
export function singleResource(body: JsonObject): Parsed<JsonObject> {
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
  if (resources.length > 1) return refused(badBody('only one key per request is possible'));
  if (total !== resources.length) return refused({ code: 'COLLECTION_TOTAL_MISMATCH_ERR' });
  const resource: unknown = resources[0];
  return isJsonObject(resource)
    ? parsed(resource)
    : refused(badBody('there is no key in the resources'));
}
