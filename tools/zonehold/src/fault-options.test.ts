import { describe, expect, it } from 'vitest';
import { actionOf, parseBandwidth, parseParty, parseRoutes } from './fault-options.ts';

describe('what a person writes about a fault', () => {
  it.each([
    ['us-south-1', { zone: 'us-south-1' }],
    ['redis', { service: 'redis' }],
    ['us-south-1/redis', { zone: 'us-south-1', service: 'redis' }],
    ['*/gateway', { service: 'gateway' }],
    ['/gateway', { service: 'gateway' }],
    ['us-south-1/*', { zone: 'us-south-1' }],
    ['*', {}],
  ])('names as %s whom it means', (text, party) => {
    expect(parseParty(text)).toEqual(party);
  });

  it.each(['us-south-1/disk', 'a/redis/b'])('is refused when it is %s', (text) => {
    expect(() => parseParty(text)).toThrow(/service/);
  });

  it('gathers routes, by commas and by repeating', () => {
    expect(parseRoutes('c', parseRoutes('a.*, b'))).toEqual(['a.*', 'b', 'c']);
  });

  it.each([
    ['500', 500],
    ['10k', 10_000],
    ['2M', 2_000_000],
  ])('says %s for so many bytes a second', (text, bytes) => {
    expect(parseBandwidth(text)).toBe(bytes);
  });

  it.each(['0', '10K', '-1', '1.5k', ''])('is refused a bandwidth of "%s"', (text) => {
    expect(() => parseBandwidth(text)).toThrow(/bytes in a second/);
  });

  it('is one action, with a jitter where there is a delay', () => {
    expect(actionOf({ delay: 200, jitter: 50 })).toEqual({
      ...{ kind: 'delay', delayMs: 200, jitterMs: 50 },
    });
    expect(actionOf({ jitter: 50 })).toEqual({ kind: 'delay', delayMs: 0, jitterMs: 50 });
    expect(actionOf({ abort: 'SEALED' })).toEqual({ kind: 'abort', code: 'SEALED' });
    expect(actionOf({ blackHole: true })).toEqual({ kind: 'black-hole' });
    expect(actionOf({ bandwidth: 10 })).toEqual({ kind: 'bandwidth', bytesPerSecond: 10 });
  });

  it('is refused without an action, and with two', () => {
    expect(actionOf({})).toHaveProperty('problem');
    expect(actionOf({ reset: true, delay: 5 })).toHaveProperty('problem');
  });
});
