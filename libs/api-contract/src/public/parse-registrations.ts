// Queries and bodies about registrations and acknowledged events (reference §11): text or object in, canonical form or refusal out.
import { checkCrnPattern, type RegistrationWishes } from '@zonehold/key-domain';
import { acknowledgedEvent, registrationResource } from './body-schemas-registrations.ts';
import type { EventAcknowledgeBody, RegistrationsQuery } from './canonical.ts';
import { readEnvelope, singleResource } from './envelope-input.ts';
import { badBody, invalidField, invalidQuery } from './errors.ts';
import { isJsonObject, pickMembers, type DecodedBody, type JsonObject } from './json-body.ts';
import { parsed, refused, type Parsed } from './parsed.ts';
import { readBoolean, readPage, type RawQuery } from './parse-queries.ts';
import { readSchema } from './read-schema.ts';
import { parseTimestamp } from './timestamp.ts';

type Body = Exclude<DecodedBody, { readonly kind: 'refused' }>;

const crnQueryName = 'urlEncodedResourceCRNQuery';
/** Our own bound: each is a line for the auditor. */
export const acknowledgedEventsMax = 100;

/** GET /keys/id/registrations. */
export function parseRegistrationsOfKey(query: RawQuery): Parsed<RegistrationsQuery> {
  return readRegistrations(query, false);
}

/** GET /keys/registrations. */
export function parseRegistrationsOfAllKeys(query: RawQuery): Parsed<RegistrationsQuery> {
  return readRegistrations(query, true);
}

function readRegistrations(query: RawQuery, isOverAllKeys: boolean): Parsed<RegistrationsQuery> {
  const page = readPage(query);
  if (!page.ok) return page;
  const prevents = readBoolean(query, 'preventKeyDeletion');
  if (!prevents.ok) return prevents;
  const crnPattern = readCrnPattern(query[crnQueryName] ?? '');
  const brokenRule = crnPattern === '' ? undefined : checkCrnPattern(crnPattern, isOverAllKeys);
  if (brokenRule !== undefined) return refused(invalidQuery(crnQueryName, brokenRule));
  return parsed({
    ...page.value,
    ...(prevents.value === undefined ? {} : { preventsKeyDeletion: prevents.value }),
    ...(crnPattern === '' ? {} : { crnPattern }),
  });
}

/** Clients encode the value as its name says, and some their whole query besides: a CRN has colons, so the second code shows. */
function readCrnPattern(text: string): string {
  if (!/^crn%3a/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** POST of a registration: everything is optional, the body too. */
export function parseCreateRegistration(body: Body): Parsed<RegistrationWishes> {
  if (body.kind === 'empty' || isBlank(body.value)) return parsed({});
  const wishes = readWishes(body);
  if (!wishes.ok) return wishes;
  return wishes.value.keyVersionId === undefined
    ? wishes
    : refused(invalidField('keyVersionId', 'absent: a registration begins at the newest version'));
}

/** PATCH: what is given is changed. */
export function parseUpdateRegistration(body: Body): Parsed<RegistrationWishes> {
  return readWishes(body);
}

const replaced = {
  preventKeyDeletion: 'preventsKeyDeletion',
  description: 'description',
  registrationMetadata: 'metadata',
  keyVersionId: 'keyVersionId',
} as const satisfies Readonly<Record<string, keyof RegistrationWishes>>;

/** PUT: nothing may be left out. */
export function parseReplaceRegistration(body: Body): Parsed<RegistrationWishes> {
  const wishes = readWishes(body);
  if (!wishes.ok) return wishes;
  const missing = Object.entries(replaced).find(([, name]) => wishes.value[name] === undefined);
  return missing === undefined ? wishes : refused(invalidField(missing[0], 'present'));
}

function readWishes(body: Body): Parsed<RegistrationWishes> {
  if (body.kind === 'empty' || isBlank(body.value)) {
    return refused(badBody('there is no body'));
  }
  const resource = readResource(body.value);
  if (!resource.ok) return resource;
  const read = readSchema(registrationResource, resource.value);
  if (!read.ok) return read;
  const { preventKeyDeletion, description, registrationMetadata, keyVersionId } = read.value;
  return parsed({
    ...(preventKeyDeletion === undefined ? {} : { preventsKeyDeletion: preventKeyDeletion }),
    ...(description === undefined ? {} : { description }),
    ...(registrationMetadata === undefined ? {} : { metadata: registrationMetadata }),
    ...(keyVersionId === undefined ? {} : { keyVersionId: keyVersionId.toLowerCase() }),
  });
}

const isBlank = (value: JsonObject): boolean => Object.keys(value).length === 0;

/** In an envelope or without one: no source shows the body of such a request, and the two cannot be confused. */
function readResource(value: JsonObject): Parsed<JsonObject> {
  const envelope = pickMembers(value, ['metadata', 'resources']);
  if (!envelope.ok) return envelope;
  return isBlank(envelope.value) ? parsed(value) : singleResource(value, 'registration');
}

/** POST /event_ack. */
export function parseEventAcknowledge(body: Body): Parsed<EventAcknowledgeBody> {
  if (body.kind === 'empty') return refused(badBody('there is no body'));
  const envelope = readEnvelope(body.value);
  if (!envelope.ok) return envelope;
  const { total, resources } = envelope.value;
  if (total !== resources.length) return refused({ code: 'COLLECTION_TOTAL_MISMATCH_ERR' });
  if (resources.length === 0 || resources.length > acknowledgedEventsMax) {
    return refused(badBody(`1 to ${acknowledgedEventsMax} events can be acknowledged at once`));
  }
  const events: EventAcknowledgeBody['events'][number][] = [];
  for (const resource of resources) {
    const event = readAcknowledged(resource);
    if (!event.ok) return event;
    events.push(event.value);
  }
  return parsed({ events });
}

function readAcknowledged(resource: unknown): Parsed<EventAcknowledgeBody['events'][number]> {
  if (!isJsonObject(resource)) return refused(badBody('an event is not an object'));
  const read = readSchema(acknowledgedEvent, resource);
  if (!read.ok) return read;
  const { eventId, adopterKeyState, timestamp, keyStateData } = read.value;
  const atMs = parseTimestamp(timestamp);
  if (atMs === undefined) return refused(invalidField('timestamp', 'a date and time of RFC 3339'));
  const members = pickMembers(keyStateData ?? {}, ['rewrappedKeyVersion']);
  if (!members.ok) return members;
  const version = members.value['rewrappedKeyVersion'];
  const isVersion = typeof version === 'string' && uuidPattern.test(version);
  // A service that says its DEKs are enabled says which version wraps them (reference §11.2).
  const isWanted = version !== undefined || adopterKeyState === 'DEK_ENABLED';
  if (isWanted && !isVersion) {
    return refused(invalidField('rewrappedKeyVersion', 'the id of a key version'));
  }
  return parsed({
    eventId,
    adopterKeyState,
    atMs,
    ...(isVersion ? { rewrappedKeyVersionId: version.toLowerCase() } : {}),
  });
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
