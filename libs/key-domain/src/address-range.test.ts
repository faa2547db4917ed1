// Addresses and ranges, compared with Node's own list of subnets.
import { BlockList, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInRange, parseAddress, parseRange } from './address-range.ts';

function holds(cidr: string, text: string): boolean {
  const range = parseRange(cidr);
  const address = parseAddress(text);
  if (range === undefined || address === undefined) throw new Error(`${cidr} or ${text} is odd`);
  return isInRange(address, range);
}

describe('a range', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.255'],
    ['192.0.2.77/24', '192.0.2.1'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['2001:db8::8000/113', '2001:db8::ffff'],
    ['::/0', 'fe80::1%eth0'],
    ['192.0.2.0/24', '::ffff:192.0.2.9'],
    ['192.0.2.0/24', '::ffff:c000:209'],
    ['::ffff:192.0.2.0/120', '192.0.2.9'],
  ])('%s holds %s', (cidr, address) => {
    expect(holds(cidr, address)).toBe(true);
  });

  it.each([
    ['192.0.2.0/25', '192.0.2.128'],
    ['10.1.2.3/32', '10.1.2.4'],
    ['2001:db8::/32', '2001:db9::'],
    ['2001:db8::8000/113', '2001:db8::7fff'],
    ['::/0', '192.0.2.1'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['::ffff:192.0.2.0/120', '192.0.3.9'],
  ])('%s does not hold %s', (cidr, address) => {
    expect(holds(cidr, address)).toBe(false);
  });

  it.each(['', '192.0.2.0', '192.0.2.0/33', 'x/8', '::1/129'])('is not %j', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  it.each(['', '-', 'localhost', '192.0.2.256', '1.2.3.4:80', '[::1]', `::1%${'x'.repeat(80)}`])(
    '%j is no address',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  it('holds exactly what Node takes for its subnet', () => {
    const near = fc
      .tuple(
        fc.oneof(fc.ipV4(), fc.ipV6()),
        fc.nat(128),
        fc.oneof(fc.ipV4(), fc.ipV6()),
        fc.boolean(),
      )
      .map(([base, bits, other, isSame]) => [base, bits, isSame ? base : other] as const);
    fc.assert(
      fc.property(near, ([base, bits, address]) => {
        const family = (text: string) => (isIPv4(text) ? 'ipv4' : 'ipv6');
        fc.pre(family(base) === family(address));
        const prefix = isIPv4(base) ? bits % 33 : bits;
        const subnet = new BlockList();
        subnet.addSubnet(base, prefix, family(base));
        expect(holds(`${base}/${prefix}`, address)).toBe(subnet.check(address, family(address)));
      }),
      { numRuns: 500 },
    );
  });

  it('stops holding an address whose bit flips inside the prefix, and no other', () => {
    const bytes = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(bytes, fc.nat(32), fc.nat(31), (octets, prefix, bit) => {
        const flipped = octets.map((octet, index) =>
          index === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet,
        );
        expect(holds(`${octets.join('.')}/${prefix}`, flipped.join('.'))).toBe(bit >= prefix);
      }),
    );
  });
});
