// Bodies and queries about registrations: what is read of them, and what is refused.
import { describe, expect, it } from 'vitest';
import { parseIfMatch } from './etag.ts';
import { parse, refusalOf } from './parse-fixture.ts';
import { parseOperation } from './parse-operation.ts';

const crn = 'crn:v1:bluemix:public:databases:us-south:a/1:2:db:3';
const keyVersionId = '6F8B3C3E-3f4b-4b2e-9d7e-0c6a1d2e3f40';
const whole = {
  preventKeyDeletion: true,
  description: 'orders',
  registrationMetadata: '{"a":1}',
  keyVersionId,
};
const envelope = (resource: unknown): string =>
  JSON.stringify({ metadata: { collectionTotal: 1 }, resources: [resource] });

type Operation = 'createRegistration' | 'updateRegistration' | 'replaceRegistration';
const read = (operation: Operation, bodyText: string | undefined, subRef = crn) =>
  parseOperation(operation, { query: {}, bodyText, subRef });

describe('the body of a registration', () => {
  it('is read whole, with its version in lower case', () => {
    expect(read('replaceRegistration', envelope(whole))).toMatchObject({
      body: {
        preventsKeyDeletion: true,
        description: 'orders',
        metadata: '{"a":1}',
        keyVersionId: keyVersionId.toLowerCase(),
      },
    });
  });

  it('is read without an envelope as well', () => {
    expect(read('replaceRegistration', JSON.stringify(whole))).toEqual(
      read('replaceRegistration', envelope(whole)),
    );
    expect(refusalOf(read('replaceRegistration', JSON.stringify({ ...whole, metadata: {} })))).toBe(
      'BAD_BODY_ERR',
    );
  });

  it('may be empty for a create, and holds what is to change for a merge', () => {
    expect(read('createRegistration', undefined)).toMatchObject({ body: {} });
    expect(read('updateRegistration', envelope({ PreventKeyDeletion: false }))).toMatchObject({
      body: { preventsKeyDeletion: false },
    });
  });

  it.each([
    ['updateRegistration', undefined, 'BAD_BODY_ERR'],
    ['updateRegistration', '{}', 'BAD_BODY_ERR'],
    ['updateRegistration', envelope(7), 'BAD_BODY_ERR'],
    ['createRegistration', envelope(whole), 'INVALID_FIELD_ERR field keyVersionId'],
    [
      'updateRegistration',
      envelope({ preventKeyDeletion: 'yes' }),
      'INVALID_FIELD_ERR field preventKeyDeletion',
    ],
    [
      'updateRegistration',
      envelope({ description: 'x'.repeat(241) }),
      'INVALID_FIELD_ERR field description',
    ],
    [
      'updateRegistration',
      envelope({ registrationMetadata: 'x'.repeat(513) }),
      'INVALID_FIELD_ERR field registrationMetadata',
    ],
    ['updateRegistration', envelope({ keyVersionId: 'x' }), 'INVALID_FIELD_ERR field keyVersionId'],
  ] as const)('%s of %s gives %s', (operation, text, wanted) => {
    expect(refusalOf(read(operation, text))).toBe(wanted);
  });

  it.each(Object.keys(whole))('of a replace has %s', (member) => {
    const rest = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== member));
    expect(refusalOf(read('replaceRegistration', envelope(rest)))).toBe(
      `INVALID_FIELD_ERR field ${member}`,
    );
  });

  it('is about a resource that the path names by a CRN', () => {
    expect(refusalOf(read('createRegistration', undefined, 'bucket'))).toBe(
      'INVALID_FIELD_ERR field urlEncodedResourceCRN',
    );
  });
});

describe('a query for registrations', () => {
  it('has a page, and takes a pattern that was encoded once more', () => {
    expect(parse('getRegistrations')).toMatchObject({
      query: { limit: 200, offset: 0, isTotalWanted: false },
    });
    const query = {
      urlEncodedResourceCRNQuery: encodeURIComponent(crn),
      preventKeyDeletion: 'true',
      totalCount: 'true',
    };
    expect(parse('getRegistrationsAllKeys', undefined, query)).toMatchObject({
      query: { crnPattern: crn, preventsKeyDeletion: true, isTotalWanted: true },
    });
  });

  const anyInstance = 'crn:v1:bluemix:public:databases:us-south:a/1:*:*:*';
  it.each([
    ['getRegistrations', 'limit', '0'],
    ['getRegistrationsAllKeys', 'limit', '5001'],
    ['getRegistrations', 'preventKeyDeletion', 'yes'],
    ['getRegistrations', 'urlEncodedResourceCRNQuery', 'crn:v1'],
    ['getRegistrations', 'urlEncodedResourceCRNQuery', 'crn%3A%'],
    ['getRegistrationsAllKeys', 'urlEncodedResourceCRNQuery', anyInstance],
  ] as const)('%s refuses %s=%s', (operation, name, value) => {
    expect(refusalOf(parse(operation, undefined, { [name]: value }))).toBe(
      `INVALID_QUERY_PARAM_ERR query_param ${name}`,
    );
  });

  it('of one key may look through service instances', () => {
    const query = { urlEncodedResourceCRNQuery: anyInstance };
    expect(refusalOf(parse('getRegistrations', undefined, query))).toBe('ok');
  });
});

describe('an acknowledgement', () => {
  const event = {
    eventId: 'e-1',
    adopterKeyState: 'DEK_ENABLED',
    timestamp: '2026-01-01T00:00:00Z',
    keyStateData: { rewrappedKeyVersion: keyVersionId },
  };
  const of = (over: object): string => envelope({ ...event, ...over });

  it('is read with the version that was rewrapped to', () => {
    expect(parse('eventAcknowledge', envelope(event))).toMatchObject({
      body: {
        events: [
          {
            eventId: 'e-1',
            adopterKeyState: 'DEK_ENABLED',
            atMs: Date.UTC(2026, 0, 1),
            rewrappedKeyVersionId: keyVersionId.toLowerCase(),
          },
        ],
      },
    });
  });

  it.each([
    [undefined, 'BAD_BODY_ERR'],
    [envelope(1), 'BAD_BODY_ERR'],
    [JSON.stringify({ metadata: { collectionTotal: 0 }, resources: [] }), 'BAD_BODY_ERR'],
    [
      JSON.stringify({ metadata: { collectionTotal: 2 }, resources: [event] }),
      'COLLECTION_TOTAL_MISMATCH_ERR',
    ],
    [
      JSON.stringify({ metadata: { collectionTotal: 101 }, resources: Array(101).fill(event) }),
      'BAD_BODY_ERR',
    ],
    [of({ eventId: 'a b' }), 'INVALID_FIELD_ERR field eventId'],
    [of({ adopterKeyState: 'on' }), 'INVALID_FIELD_ERR field adopterKeyState'],
    [of({ timestamp: 'now' }), 'INVALID_FIELD_ERR field timestamp'],
    [of({ keyStateData: {} }), 'INVALID_FIELD_ERR field rewrappedKeyVersion'],
    [of({ keyStateData: 7 }), 'INVALID_FIELD_ERR field keyStateData'],
    [of({ adopterKeyState: 'DEK_DISABLED', keyStateData: undefined }), 'ok'],
  ])('%s gives %s', (text, wanted) => {
    expect(refusalOf(parse('eventAcknowledge', text))).toBe(wanted);
  });
});

describe('If-Match', () => {
  it.each([
    ['*', 'any'],
    ['W/"3"', [3]],
    ['"3"', [3]],
    ['"x", W/"12" ,"7"', [12, 7]],
    ['"x"', []],
    ['"03"', []],
    ['3', undefined],
    ['', undefined],
    ['"3" "4"', undefined],
  ])('%j names %j', (header, wanted) => {
    expect(parseIfMatch(header)).toEqual(wanted);
  });
});
