// Whose request a proxy forwards, as its header says: X-Forwarded-For, or Forwarded (RFC 7239). Pure. Each proxy appends whom it
// heard, so only what trusted ones appended counts: from the right, the first hop that is not trusted is the client.

/** Longer chains are nobody's; the rest would cost time. */
const hopsMax = 32;

export const forwardingHeaders = ['x-forwarded-for', 'forwarded'] as const;
export type ForwardingHeader = (typeof forwardingHeaders)[number];

/**
 * The client behind `peer`, a trusted proxy. Undefined when the header hides it or cannot be read; `peer` itself when the
 * header is missing: then the proxy asks for itself. When every hop is trusted, the first one asked.
 */
export function forwardedAddress(
  name: ForwardingHeader,
  value: string | undefined,
  peer: string,
  isTrusted: (address: string) => boolean,
): string | undefined {
  if (value === undefined) return peer;
  const hops = name === 'forwarded' ? hopsOfForwarded(value) : value.split(',');
  if (hops === undefined || hops.length > hopsMax) return undefined;
  let client: string | undefined = peer;
  for (const hop of hops.reverse()) {
    client = addressOfNode(hop.trim());
    if (client === undefined || !isTrusted(client)) break;
  }
  return client;
}

const ipv4NodePattern = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/;
const ipv6NodePattern = /^\[([0-9a-f:.]{2,45})\](?::\d{1,5})?$/i;
const bareIpv6Pattern = /^[0-9a-f:.]{2,45}$/i;

/** An address with or without a port. Names and `unknown` are no addresses. */
function addressOfNode(node: string): string | undefined {
  const [, address] = ipv4NodePattern.exec(node) ?? ipv6NodePattern.exec(node) ?? [];
  if (address !== undefined) return address;
  return node.includes(':') && bareIpv6Pattern.test(node) ? node : undefined;
}

const pairPattern = /^\s*([a-z]+)=(?:"([^"\\]*)"|([^\s";,=]*))\s*$/i;

/** The `for` of each element; undefined when one is malformed. A quoted text here holds no comma and no semicolon. */
function hopsOfForwarded(value: string): string[] | undefined {
  const hops: string[] = [];
  for (const element of value.split(',')) {
    let hop = '';
    for (const pair of element.split(';')) {
      const [whole, name = '', quoted, plain] = pairPattern.exec(pair) ?? [];
      if (whole === undefined) return undefined;
      if (name.toLowerCase() !== 'for') continue;
      if (hop !== '') return undefined;
      hop = quoted ?? plain ?? '';
    }
    hops.push(hop);
  }
  return hops;
}
