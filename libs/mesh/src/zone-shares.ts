// Which part of a client's calls goes to which zone: all to its own while that is healthy enough, the rest by what the others can
// bear. Pure; Envoy's priority levels with the own zone as the first (mesh reference B1, B4).

export interface ZoneHealth {
  readonly isOwn: boolean;
  readonly endpoints: number;
  /** Endpoints with a link. */
  readonly up: number;
  /** Endpoints neither ejected nor behind an open circuit, each by its weight on the way back. */
  readonly available: number;
  /** The same, counted whole. */
  readonly fit: number;
}

export interface SharePolicy {
  /** A zone keeps its whole share down to 1 / this of its endpoints: the rest has room for it. */
  readonly overprovisioning: number;
  /** Below this part of the connected endpoints being fit, judgement is not trusted: all of them are used. */
  readonly panicBelow: number;
}

/** Mesh reference B4. */
export const sharePolicyDefaults: SharePolicy = { overprovisioning: 1.4, panicBelow: 0.5 };

export interface ZoneShares {
  /** One for each zone, in the order given; they add up to 1, or are all 0 when there is nobody to call. */
  readonly shares: readonly number[];
  readonly isPanic: boolean;
}

/**
 * The shares of `zones`. `ownSpill` (0 to 1) of what the own zone would take goes to the others besides, because the own one is slow.
 */
export function zoneShares(
  zones: readonly ZoneHealth[],
  ownSpill: number,
  policy: SharePolicy,
): ZoneShares {
  const up = sum(zones.map((zone) => zone.up));
  const fit = sum(zones.map((zone) => zone.fit));
  // What has no link cannot be called, in panic or not.
  if (fit < policy.panicBelow * up)
    return { shares: zones.map((zone) => zone.up / up), isPanic: true };
  const healths = zones.map(({ available, endpoints }) =>
    Math.min(1, (policy.overprovisioning * available) / endpoints),
  );
  const own = sum(healths.filter((_, at) => zones[at]?.isOwn === true));
  const others = sum(healths) - own;
  if (own + others === 0) return { shares: zones.map(() => 0), isPanic: false };
  const ownShare = others === 0 ? 1 : Math.min(1, own) * (1 - ownSpill);
  const othersRoom = zones.map(({ endpoints }, at) => (healths[at] ?? 0) * endpoints);
  const room = sum(othersRoom.filter((_, at) => zones[at]?.isOwn !== true));
  const shares = zones.map(({ isOwn }, at) =>
    isOwn ? ownShare : room === 0 ? 0 : ((1 - ownShare) * (othersRoom[at] ?? 0)) / room,
  );
  return { shares, isPanic: false };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
