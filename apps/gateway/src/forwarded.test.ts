// Whom a forwarding header names, with honest proxies and with clients that write such headers themselves.
import { describe, expect, it } from 'vitest';
import { forwardedAddress } from './forwarded.ts';

const proxy = '10.0.0.1';
const isTrusted = (address: string): boolean => address.startsWith('10.');
const xff = (value?: string) => forwardedAddress('x-forwarded-for', value, proxy, isTrusted);
const forwarded = (value?: string) => forwardedAddress('forwarded', value, proxy, isTrusted);

describe('X-Forwarded-For', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['192.0.2.7, 10.0.0.9', '192.0.2.7'],
    ['10.0.0.8, 10.0.0.9', '10.0.0.8'],
  ])('%j names %s', (value, address) => {
    expect(xff(value)).toBe(address);
  });

  it('counts from the right: what a client wrote in front of it names nobody', () => {
    expect(xff('198.51.100.1, 192.0.2.7')).toBe('192.0.2.7');
    expect(xff('198.51.100.1, 192.0.2.7, 10.0.0.9')).toBe('192.0.2.7');
    expect(xff('10.0.0.3, 192.0.2.7')).toBe('192.0.2.7');
  });

  it.each([
    '',
    'unknown',
    '192.0.2.7,',
    '192.0.2.7, unknown',
    '192.0.2.7, _hidden, 10.0.0.9',
    'example.org',
    `${'10.0.0.1,'.repeat(40)}10.0.0.1`,
  ])('%j names nobody', (value) => {
    expect(xff(value)).toBeUndefined();
  });

  it('that is missing means the proxy itself', () => {
    expect(xff(undefined)).toBe(proxy);
  });
});

describe('Forwarded', () => {
  it.each([
    ['for=192.0.2.7', '192.0.2.7'],
    ['For="192.0.2.7:4711";proto=https;by=203.0.113.43', '192.0.2.7'],
    ['for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for=198.51.100.1, for=192.0.2.7, for=10.0.0.9', '192.0.2.7'],
  ])('%j names %s', (value, address) => {
    expect(forwarded(value)).toBe(address);
  });

  it.each([
    '',
    'for=unknown',
    'for=_hidden',
    'proto=https',
    'for=192.0.2.7;for=198.51.100.1',
    'for=192.0.2.7, nonsense',
    'for="192.0.2.7',
    'for="x, for=192.0.2.7',
  ])('%j names nobody', (value) => {
    expect(forwarded(value)).toBeUndefined();
  });
});
