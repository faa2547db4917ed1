// Which requests the hot path takes, and which it leaves to express.
import { describe, expect, it } from 'vitest';
import { matchHotPath } from './hot-path.ts';

const keys = '/api/v2/keys';

describe('the hot path', () => {
  it.each([
    [`${keys}/k1/actions/wrap`, 'wrapKey'],
    [`${keys}/k1/actions/unwrap`, 'unwrapKey'],
    [`${keys}/k1/actions/rewrap`, 'rewrapKey'],
    [`${keys}/k1/actions/wrap?x=1`, 'wrapKey'],
    [`${keys}/k1?action=wrap`, 'actionOnKey'],
    [`${keys}/k1?a=/&action=unwrap`, 'actionOnKey'],
  ])('takes POST %s', (url, operation) => {
    expect(matchHotPath('POST', url)).toEqual({ operation, keyRef: 'k1' });
  });

  it.each([
    ['GET', `${keys}/k1/actions/wrap`],
    ['POST', `${keys}/k1/actions/rotate`],
    ['POST', `${keys}/k1/actions/wrap/`],
    ['POST', `${keys}/%6b1/actions/wrap`],
    ['POST', `${keys}//actions/wrap`],
    ['POST', `${keys}/k1`],
    ['POST', `${keys}/k1?action=rotate`],
    ['POST', `${keys}/k1?action=wrap&action=rotate`],
    ['POST', '/api/v2/keys'],
  ])('leaves %s %s to express', (method, url) => {
    expect(matchHotPath(method, url)).toBeUndefined();
  });
});
