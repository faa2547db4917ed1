// Ranges of addresses, compared with what Node itself takes for an address.
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCidr } from './cidr.ts';

describe('a range', () => {
  it.each([
    '192.0.2.0/24',
    '10.1.2.3/32',
    '0.0.0.0/0',
    '2001:db8::/32',
    '::/0',
    '::1/128',
    '1:2:3:4:5:6:7:8/64',
    '1::8/64',
    '::ffff:192.0.2.1/96',
    '64:ff9b::192.0.2.33/128',
    'FE80::A/10',
  ])('is %s', (text) => {
    expect(isCidr(text)).toBe(true);
  });

  it.each([
    '',
    '/24',
    '192.0.2.0',
    '192.0.2.0/',
    '192.0.2.0/33',
    '192.0.2.0/024',
    '192.0.2.0/-1',
    '192.0.2.256/24',
    '192.0.02.0/24',
    '192.0.2/24',
    '192.0.2.0.0/24',
    '2001:db8::/129',
    '2001:db8:::/32',
    '1::2::3/64',
    ':1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8:9/64',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8::/64',
    '12345::/16',
    '192.0.2.1::/96',
    '::192.0.2.1:1/96',
    'fe80::1%eth0/64',
    'example.org/24',
    ' 192.0.2.0/24',
    `::/0${' '.repeat(1_000)}`,
  ])('is not %j', (text) => {
    expect(isCidr(text)).toBe(false);
  });

  it('has an address exactly where Node sees one', () => {
    const part = fc.constantFrom('::', ':', '.', '0', '1', '255', '256', 'ff', 'fffff', 'g', '01');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 17 }), (parts) => {
        const address = parts.join('');
        expect(isCidr(`${address}/8`), address).toBe(isIP(address) !== 0);
      }),
    );
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => isCidr(`${address}/8`)));
  });
});
