// The header that a balancer puts before a connection to say whose it is: PROXY protocol version 2, as HAProxy specifies it
// (https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt §2.2). Pure; strict, because what it says opens doors.
// Own code: the parsers on npm take what they do not know, or wait for the whole of a header of any size.
//
//   signature 12 │ version, command 1 │ family, transport 1 │ length 2 │ addresses, then type-length-values: `length` bytes

/** All that is needed to say how long the header is. */
const fixedBytes = 16;
/** The specification's own bound for the addresses of its largest family, and room for some type-length-values. */
export const proxyHeaderMaxBytes = 536;

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const versionTwo = 0x2;
const commands = { 0x0: 'local', 0x1: 'proxy' } as const;
/** Family and transport of a proxied TCP connection. Whoever sends another cannot mean a client of ours. */
const families = {
  0x11: { addressBytes: 4, portsAt: 8 },
  0x21: { addressBytes: 16, portsAt: 32 },
} as const;
const portsBytes = 4;
const tlvHeadBytes = 3;

/**
 * `more`: at least `wantedBytes` in all are needed to say more. `local`: the balancer speaks for itself, e.g. to see whether we
 * live. `proxied`: for a client at `address`. The header is `sizeBytes` long, and what follows belongs to the client.
 */
export type ProxyHeader =
  | { readonly kind: 'more'; readonly wantedBytes: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'local'; readonly sizeBytes: number }
  | { readonly kind: 'proxied'; readonly sizeBytes: number; readonly address: string };

const refused: ProxyHeader = { kind: 'refused' };

/** Reads the header at the start of `bytes`, which may hold a part of it or more than it. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (!signature.every((byte, at) => at >= bytes.length || bytes[at] === byte)) return refused;
  if (bytes.length < fixedBytes) return { kind: 'more', wantedBytes: fixedBytes };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const versionAndCommand = view.getUint8(12);
  const command = commands[(versionAndCommand & 0xf) as keyof typeof commands] as
    (typeof commands)[keyof typeof commands] | undefined;
  const sizeBytes = fixedBytes + view.getUint16(14);
  if (versionAndCommand >> 4 !== versionTwo || command === undefined) return refused;
  if (sizeBytes > proxyHeaderMaxBytes) return refused;
  if (bytes.length < sizeBytes) return { kind: 'more', wantedBytes: sizeBytes };
  // The specification: the rest of a LOCAL header is skipped, whatever its family.
  if (command === 'local') return { kind: 'local', sizeBytes };
  const family = families[view.getUint8(13) as keyof typeof families] as
    (typeof families)[keyof typeof families] | undefined;
  if (family === undefined) return refused;
  const tlvsAt = fixedBytes + family.portsAt + portsBytes;
  if (tlvsAt > sizeBytes || !areWholeTlvs(view, tlvsAt, sizeBytes)) return refused;
  const address = addressAt(view, family.addressBytes);
  return { kind: 'proxied', sizeBytes, address };
}

/** What balancers add is of no use here, but must add up: else this is no header. */
function areWholeTlvs(view: DataView, start: number, end: number): boolean {
  let at = start;
  while (at + tlvHeadBytes <= end) at += tlvHeadBytes + view.getUint16(at + 1);
  return at === end;
}

function addressAt(view: DataView, addressBytes: 4 | 16): string {
  if (addressBytes === 4) {
    return [0, 1, 2, 3].map((index) => view.getUint8(fixedBytes + index)).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(fixedBytes + 2 * index));
  return groups.map((group) => group.toString(16)).join(':');
}
