// For tests only: PROXY headers of version 2, well and badly formed.

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

export interface HeaderParts {
  /** Version and command; 0x21: version 2, PROXY. */
  readonly command?: number;
  readonly family: number;
  readonly addresses: readonly number[];
  readonly tlvs?: readonly number[];
}

/** A header of these parts whose length is right. */
export function proxyHeader({ command = 0x21, family, addresses, tlvs = [] }: HeaderParts): Buffer {
  const rest = [...addresses, ...tlvs];
  return Buffer.from([...signature, command, family, rest.length >> 8, rest.length & 255, ...rest]);
}

/** The header of a client at an IPv4 address. */
export function headerFor(address: string): Buffer {
  const octets = address.split('.').map(Number);
  return proxyHeader({ family: 0x11, addresses: [...octets, 10, 0, 0, 1, 0x30, 0x39, 0x20, 0xfb] });
}
