import { describe, expect, it } from 'vitest';
import {
  checkCrnPattern,
  checkResourceCrn,
  matchesCrn,
  resourceCrnMaxChars,
  serviceNameOf,
} from './resource-crn.ts';

const head = 'crn:v1:bluemix:public:cloud-object-storage:global:a/1234:5a3f';
const bucket = `${head}:bucket:invoices`;

describe('the CRN of a resource', () => {
  it.each([
    ['a bucket', bucket, true],
    ['a service instance', `${head}::`, true],
    ['something without a location', bucket.replace(':global:', '::'), true],
    ['no service instance', 'crn:v1:bluemix:public:cloud-object-storage:global:a/1234:::', false],
    ['no service', bucket.replace('cloud-object-storage', ''), false],
    ['nine segments', head + ':bucket', false],
    ['eleven segments', `${bucket}:more`, false],
    ['something else', bucket.replace('crn:', 'urn:'), false],
    ['a wildcard', `${head}:bucket:*`, false],
    ['a blank', `${head}:bucket:in voices`, false],
    ['a letter beyond ASCII', `${head}:bucket:ä`, false],
    ['nothing', '', false],
  ])('may be of %s: %s, %s', (_what, crn, isValid) => {
    expect(checkResourceCrn(crn) === undefined).toBe(isValid);
  });

  it('is at most 500 characters long', () => {
    const fill = (size: number): string => bucket + 'x'.repeat(size - bucket.length);
    expect(checkResourceCrn(fill(resourceCrnMaxChars))).toBeUndefined();
    expect(checkResourceCrn(fill(resourceCrnMaxChars + 1))).toBeDefined();
  });

  it('says which service it belongs to', () => {
    expect(serviceNameOf(bucket)).toBe('cloud-object-storage');
    expect(serviceNameOf('x')).toBeUndefined();
  });
});

describe('a pattern of CRNs', () => {
  it.each([
    [bucket, 'anywhere'],
    [`${head}:*:*`, 'anywhere'],
    [`${head}:bucket:inv*`, 'anywhere'],
    [`crn:v1:bluemix:public:*:*:*:*:*:*`, 'one key'],
    [`${head}:buck*:invoices`, 'nowhere'],
    [`${head}:bucket:*voices`, 'nowhere'],
    [`${head}:bucket:in*s`, 'nowhere'],
    [`${head}:*`, 'nowhere'],
  ])('%s is taken %s', (pattern, where) => {
    const isOf = (isOverAllKeys: boolean) => checkCrnPattern(pattern, isOverAllKeys) === undefined;
    const found = isOf(true) ? 'anywhere' : isOf(false) ? 'one key' : 'nowhere';
    expect(found).toBe(where);
  });

  it.each([
    [bucket, true],
    [`${head}:*:invoices`, true],
    [`${head}:bucket:*`, true],
    [`${head}:bucket:inv*`, true],
    [`${head}:bucket:invoices*`, true],
    [`${head}:bucket:x*`, false],
    [`${head}:object:*`, false],
    [`${head}::`, false],
  ])('%s means the bucket: %s', (pattern, isMeant) => {
    expect(matchesCrn(pattern, bucket)).toBe(isMeant);
  });
});
