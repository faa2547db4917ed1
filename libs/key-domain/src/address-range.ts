// Addresses and ranges of them as numbers, and whether one lies in the other (RFC 4632, RFC 4291). What is a well-formed text is
// cidr.ts's to say.
import { isCidr, isIpv4, isIpv6 } from './cidr.ts';

/** Groups of 16 bits: two of an IPv4 address, eight of an IPv6 one. A mapped IPv4 address (`::ffff:a.b.c.d`) is the IPv4 one. */
export type Address = readonly number[];

export interface AddressRange {
  readonly groups: Address;
  readonly prefixBits: number;
}

const groupBits = 16;
/** Longer than any address with the name of an interface behind it. */
const lengthMax = 64;
/** The first six groups of a mapped IPv4 address. */
const mappedPrefix: Address = [0, 0, 0, 0, 0, 0xffff];
const mappedBits = mappedPrefix.length * groupBits;

/** An address, also with the interface that a socket puts behind a link-local one (`fe80::1%eth0`); undefined for other texts. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > lengthMax) return undefined;
  const at = text.indexOf('%');
  const groups = groupsOf(at === -1 ? text : text.slice(0, at));
  return groups !== undefined && isMapped(groups) ? groups.slice(mappedPrefix.length) : groups;
}

/** A range; undefined for what is none. Bits behind the prefix do not matter. A range of mapped addresses is one of IPv4. */
export function parseRange(text: string): AddressRange | undefined {
  if (!isCidr(text)) return undefined;
  const at = text.indexOf('/');
  const groups = groupsOf(text.slice(0, at));
  const prefixBits = Number(text.slice(at + 1));
  if (groups === undefined) return undefined;
  return isMapped(groups) && prefixBits >= mappedBits
    ? { groups: groups.slice(mappedPrefix.length), prefixBits: prefixBits - mappedBits }
    : { groups, prefixBits };
}

/** True when `address` lies in `range`. Families are apart: `::/0` holds no IPv4 address. */
export function isInRange(address: Address, { groups, prefixBits }: AddressRange): boolean {
  if (address.length !== groups.length) return false;
  const wholeGroups = Math.floor(prefixBits / groupBits);
  for (let index = 0; index < wholeGroups; index += 1) {
    if (address[index] !== groups[index]) return false;
  }
  const restBits = prefixBits % groupBits;
  if (restBits === 0) return true;
  const difference = (address[wholeGroups] ?? 0) ^ (groups[wholeGroups] ?? 0);
  return difference >>> (groupBits - restBits) === 0;
}

function groupsOf(text: string): Address | undefined {
  if (isIpv4(text)) return groupsOfIpv4(text);
  if (!isIpv6(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const front = groupsOfPart(head);
  if (tail === undefined) return front;
  const back = groupsOfPart(tail);
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back];
}

function groupsOfPart(part: string): number[] {
  if (part === '') return [];
  return part
    .split(':')
    .flatMap((group) => (group.includes('.') ? groupsOfIpv4(group) : [Number.parseInt(group, 16)]));
}

function groupsOfIpv4(text: string): number[] {
  const [first = 0, second = 0, third = 0, fourth = 0] = text.split('.').map(Number);
  return [first * 256 + second, third * 256 + fourth];
}

function isMapped(groups: Address): boolean {
  return groups.length === 8 && mappedPrefix.every((group, index) => groups[index] === group);
}
