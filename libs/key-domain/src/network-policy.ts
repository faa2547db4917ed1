// May a request come from where it does? The instance policies allowedNetwork and allowedIP, both checked when both are on
// (reference §9.1). How the address was found out is the gateway's matter.
import { isInRange, parseAddress, parseRange, type AddressRange } from './address-range.ts';
import type { InstancePolicies } from './instance-policies.ts';

export const networks = ['public', 'private'] as const;

/** The endpoint that a request came in by. */
export type Network = (typeof networks)[number];

/** Where a request came from. `address` is a text that may be no address: then it lies in no range. */
export interface Origin {
  readonly address: string;
  readonly network: Network;
  /** True for a service that acts for the instance: allowedIP is about the tenant's own callers. */
  readonly isService?: boolean;
}

/** The ranges of a policy, read once: the record of an instance stays the same object until it changes. */
const rangesByPolicy = new WeakMap<readonly string[], readonly AddressRange[]>();

/** True when no policy of the instance keeps a request from `origin` out. */
export function isOriginAllowed(
  policies: InstancePolicies | undefined,
  { address, network, isService = false }: Origin,
): boolean {
  const { allowedNetwork, allowedIP } = policies ?? {};
  const isPrivateOnly =
    allowedNetwork?.isEnabled === true && allowedNetwork.network === 'private-only';
  if (isPrivateOnly && network !== 'private') return false;
  if (isService || allowedIP?.isEnabled !== true) return true;
  return isListed(allowedIP.cidrs ?? [], address, network);
}

function isListed(cidrs: readonly string[], text: string, network: Network): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  // The contract knows IPv4 addresses only on the private endpoint.
  if (network === 'private' && address.length > 2) return false;
  return rangesOf(cidrs).some((range) => isInRange(address, range));
}

function rangesOf(cidrs: readonly string[]): readonly AddressRange[] {
  const known = rangesByPolicy.get(cidrs);
  if (known !== undefined) return known;
  const ranges = cidrs.map(parseRange).filter((range) => range !== undefined);
  rangesByPolicy.set(cidrs, ranges);
  return ranges;
}
