// Is a text a range of IPv4 or IPv6 addresses (RFC 4632 §3.1, RFC 4291 §2.2-2.3)? Addresses of hosts with a prefix count too.

/** Longer than any range can be written. */
const lengthMax = 49;
const cidrPattern = /^([0-9a-f:.]+)\/(0|[1-9]\d{0,2})$/i;
const octetPattern = /^(?:0|[1-9]\d{0,2})$/;
const groupPattern = /^[0-9a-f]{1,4}$/i;
const ipv4Bits = 32;
const ipv6Bits = 128;

/** True for an address, a slash and a prefix length. */
export function isCidr(text: string): boolean {
  if (text.length > lengthMax) return false;
  const [, address = '', prefix] = cidrPattern.exec(text) ?? [];
  if (isIpv4(address)) return Number(prefix) <= ipv4Bits;
  return isIpv6(address) && Number(prefix) <= ipv6Bits;
}

/** True for four decimal octets without leading zeros. */
export function isIpv4(text: string): boolean {
  const octets = text.split('.');
  return (
    octets.length === 4 && octets.every((part) => octetPattern.test(part) && Number(part) <= 255)
  );
}

/** Eight groups, or fewer around one `::`; the last two may be written as an IPv4 address. */
export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groupCount = 0;
  for (const group of halves.flatMap((half) => (half === '' ? [] : half.split(':')))) {
    if (groupPattern.test(group)) groupCount += 1;
    else if (isIpv4(group) && text.endsWith(`:${group}`)) groupCount += 2;
    else return false;
  }
  return halves.length === 2 ? groupCount <= 7 : groupCount === 8;
}
