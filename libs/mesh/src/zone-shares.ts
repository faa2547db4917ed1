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
  /** An operator wants calls kept away from it. */
  readonly isDrained: boolean;
}

export interface SharePolicy {
  /** A zone keeps its whole share down to 1 / this of its endpoints: the rest has room for it. */
  readonly overprovisioning: number;
  /** Below this part of the connected endpoints being fit, judgement is not trusted: all of them are used. */
  readonly panicBelow: number;
  /** While fewer zones than this would be left that have somebody fit, drains are set aside. */
  readonly drainLeavesMin: number;
}

/** Mesh reference B4. */
export const sharePolicyDefaults: SharePolicy = {
  overprovisioning: 1.4,
  panicBelow: 0.5,
  drainLeavesMin: 2,
};

export interface ZoneShares {
  /** One for each zone, in the order given; they add up to 1, or are all 0 when there is nobody to call. */
  readonly shares: readonly number[];
  readonly isPanic: boolean;
  /** Drained zones got no share. False also when none is drained. */
  readonly isDrainHeeded: boolean;
}

const nobody = { up: 0, available: 0, fit: 0 } as const;

/**
 * The shares of `zones`. A drain is only a wish: what is left must be a region that would stand by itself, fit enough not to panic.
 */
export function zoneShares(
  zones: readonly ZoneHealth[],
  ownSpill: number,
  policy: SharePolicy,
): ZoneShares {
  if (zones.some(({ isDrained }) => isDrained)) {
    const left = zones.map((zone) => (zone.isDrained ? { ...zone, ...nobody } : zone));
    const isEnough = left.filter(({ fit }) => fit > 0).length >= policy.drainLeavesMin;
    if (isEnough && !isPanicked(left, policy))
      return { ...sharesOf(left, ownSpill, policy), isDrainHeeded: true };
  }
  return { ...sharesOf(zones, ownSpill, policy), isDrainHeeded: false };
}

function isPanicked(zones: readonly ZoneHealth[], { panicBelow }: SharePolicy): boolean {
  return sum(zones.map(({ fit }) => fit)) < panicBelow * sum(zones.map(({ up }) => up));
}

/**
 * The shares of `zones`, none of them drained. `ownSpill` (0 to 1) of what the own zone would take goes to the others besides, because the own one is slow.
 */
function sharesOf(
  zones: readonly ZoneHealth[],
  ownSpill: number,
  policy: SharePolicy,
): Omit<ZoneShares, 'isDrainHeeded'> {
  const up = sum(zones.map((zone) => zone.up));
  // What has no link cannot be called, in panic or not.
  if (isPanicked(zones, policy))
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
