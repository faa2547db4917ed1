// Where a request came from: the endpoint it came in by, and the true address of its client (docs/network-policy.md). A header or
// a PROXY line is believed from trusted proxies only; what nobody vouches for is no address.
import type { IncomingMessage } from 'node:http';
import {
  isInRange,
  parseAddress,
  parseRange,
  type Network,
  type Origin,
} from '@zonehold/key-domain';
import { forwardedAddress, type ForwardingHeader } from './forwarded.ts';

/** How a listener learns whose a connection is. */
export const addressSources = ['socket', 'proxy-protocol', 'x-forwarded-for', 'forwarded'] as const;
export type AddressSource = (typeof addressSources)[number];

/** What is known of a connection. */
export interface ConnectionOrigin {
  readonly network: Network;
  /** Of the client, or of the proxy that speaks for clients in `header`. */
  readonly address: string;
  /** Present when the peer is trusted to name its clients there. */
  readonly header?: ForwardingHeader;
}

/** What stands for an address that is not known. */
export const unknownAddress = '-';
const nowhere: Origin = { address: unknownAddress, network: 'public' };

/** The proxies whose word counts. */
export class TrustedProxies {
  readonly #ranges;

  /** `cidrs` must be well formed. */
  constructor(cidrs: readonly string[]) {
    this.#ranges = cidrs.map(parseRange).filter((range) => range !== undefined);
  }

  /** Usable without its object. */
  readonly has = (text: string | undefined): boolean => {
    const address = parseAddress(text ?? '');
    return address !== undefined && this.#ranges.some((range) => isInRange(address, range));
  };
}

/** The origins of open connections, kept with their sockets. */
export class ClientOrigins {
  readonly #proxies: TrustedProxies;
  readonly #byConnection = new WeakMap<object, ConnectionOrigin>();

  constructor(proxies: TrustedProxies) {
    this.#proxies = proxies;
  }

  /** Remembers where a connection came from, before its first request. */
  set(connection: object, origin: ConnectionOrigin): void {
    this.#byConnection.set(connection, origin);
  }

  /** Where a request came from. */
  of(request: IncomingMessage): Origin {
    const origin = this.#byConnection.get(request.socket);
    if (origin?.header === undefined) return origin ?? nowhere;
    const { header, network, address: peer } = origin;
    const given = request.headers[header];
    const value = typeof given === 'string' ? given : given?.join(',');
    const address = forwardedAddress(header, value, peer, this.#proxies.has);
    return { address: address ?? unknownAddress, network };
  }
}
