// PROXY headers as balancers write them, cut, stretched and forged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proxyHeaderMaxBytes, readProxyHeader } from './proxy-protocol.ts';
import { proxyHeader } from './proxy-header-fixture.ts';

const ipv4 = { family: 0x11, addresses: [192, 0, 2, 7, 10, 0, 0, 1, 0x30, 0x39, 0x20, 0xfb] };
const ipv6 = {
  family: 0x21,
  addresses: [
    ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7],
    ...[...new Array<number>(15).fill(0), 1, 0x30, 0x39, 0x20, 0xfb],
  ],
};

describe('a PROXY header', () => {
  it('of IPv4 gives the address of the client and its own size', () => {
    expect(readProxyHeader(proxyHeader(ipv4))).toEqual({
      kind: 'proxied',
      sizeBytes: 28,
      address: '192.0.2.7',
    });
  });

  it('of IPv6 too', () => {
    expect(readProxyHeader(proxyHeader(ipv6))).toEqual({
      kind: 'proxied',
      sizeBytes: 52,
      address: '2001:db8:0:0:0:0:0:7',
    });
  });

  it('may carry more about the connection, as balancers do', () => {
    const tlvs = [0x04, 0, 2, 1, 2, 0x20, 0, 0];
    expect(readProxyHeader(proxyHeader({ ...ipv4, tlvs }))).toMatchObject({ kind: 'proxied' });
  });

  it('LOCAL is the balancer itself, whatever it says besides', () => {
    const local = { command: 0x20, family: 0, addresses: [] };
    expect(readProxyHeader(proxyHeader(local))).toEqual({ kind: 'local', sizeBytes: 16 });
    const talkative = proxyHeader({ ...local, addresses: [1, 2, 3] });
    expect(readProxyHeader(talkative)).toEqual({ kind: 'local', sizeBytes: 19 });
  });

  it.each([
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 12345 8443\r\n')],
    ['no header at all but TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])],
    ['another version', proxyHeader({ ...ipv4, command: 0x31 })],
    ['an unknown command', proxyHeader({ ...ipv4, command: 0x22 })],
    ['UDP', proxyHeader({ ...ipv4, family: 0x12 })],
    ['a Unix socket', proxyHeader({ family: 0x31, addresses: new Array<number>(216).fill(65) })],
    ['a client that it does not know', proxyHeader({ family: 0, addresses: [] })],
    ['an address that is cut off', proxyHeader({ ...ipv6, addresses: ipv4.addresses })],
    ['more that does not add up', proxyHeader({ ...ipv4, tlvs: [0x04, 0, 9, 1] })],
    ['half of something more', proxyHeader({ ...ipv4, tlvs: [0x04, 0] })],
    ['too much', proxyHeader({ ...ipv4, tlvs: [4, 2, 0, ...new Array<number>(512).fill(0)] })],
  ])('of %s is refused', (_what, bytes) => {
    expect(readProxyHeader(bytes)).toEqual({ kind: 'refused' });
  });

  it('of the largest size is read', () => {
    const restBytes = proxyHeaderMaxBytes - 28 - 3;
    const tlvs = [4, restBytes >> 8, restBytes & 255, ...new Array<number>(restBytes).fill(0)];
    const bytes = proxyHeader({ ...ipv4, tlvs });
    expect(readProxyHeader(bytes)).toMatchObject({ sizeBytes: proxyHeaderMaxBytes });
  });

  it('is awaited while it is a beginning, and asks for no byte behind its end', () => {
    const whole = proxyHeader({ ...ipv6, tlvs: [0x04, 0, 1, 7] });
    for (let cut = 0; cut < whole.length; cut += 1) {
      const read = readProxyHeader(whole.subarray(0, cut));
      expect(read.kind).toBe('more');
      if (read.kind !== 'more') continue;
      expect(read.wantedBytes).toBeGreaterThan(cut);
      expect(read.wantedBytes).toBeLessThanOrEqual(whole.length);
    }
    const followed = Buffer.concat([whole, Buffer.from('the client')]);
    expect(readProxyHeader(followed)).toEqual(readProxyHeader(whole));
  });

  it('is refused at the first byte that no header has there', () => {
    for (let at = 0; at < 12; at += 1) {
      const bytes = proxyHeader(ipv4).subarray(0, at + 1);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(readProxyHeader(bytes)).toEqual({ kind: 'refused' });
    }
  });

  it('of any bytes is read without a fault, and never past its end', () => {
    const head = fc.tuple(fc.constantFrom(0x20, 0x21), fc.nat(255), fc.nat(600));
    const rest = fc.uint8Array({ maxLength: 600 });
    fc.assert(
      fc.property(head, rest, ([command, family, length], bytes) => {
        const made = Buffer.concat([
          proxyHeader({ command, family, addresses: [] }).subarray(0, 14),
          Buffer.from([length >> 8, length & 255]),
          bytes,
        ]);
        const read = readProxyHeader(made);
        if ('sizeBytes' in read) {
          expect(read.sizeBytes).toBe(16 + length);
          expect(read.sizeBytes).toBeLessThanOrEqual(made.length);
        }
      }),
    );
  });
});
