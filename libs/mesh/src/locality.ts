// Which zone next, after a call failed? Own zone first, then the others in turn; zones that look unfit only when nothing else is
// left. Pure. Where a call goes first is the balancer's affair.

export interface ZoneCandidate {
  readonly zone: string;
  /** It can be sent to. */
  readonly isUp: boolean;
  /** Up, circuit passable, not ejected. */
  readonly isFit: boolean;
  /** An operator wants calls kept away from it. */
  readonly isDrained: boolean;
}

export interface ZoneChoice<Candidate> {
  readonly candidate: Candidate;
  /** Nothing untried looked fit; this one is tried all the same (fail open, mesh reference B4). */
  readonly isPanic: boolean;
}

/** Own zone first, the others in their given order. Done once per service: `nextZone` expects this order. */
export function ownZoneFirst<Candidate extends Pick<ZoneCandidate, 'zone'>>(
  candidates: readonly Candidate[],
  ownZone: string,
): Candidate[] {
  return [
    ...candidates.filter(({ zone }) => zone === ownZone),
    ...candidates.filter(({ zone }) => zone !== ownZone),
  ];
}

/**
 * The next candidate for a call that has been through `tried`. Fit ones of an untried zone win, those that are drained last; then, in panic,
 * those that are at least up, then any. When all zones were tried, untried candidates of any zone; when all candidates were, the same again. `rotation` (any whole
 * number) spreads what leaves the own zone over the others. Undefined only for an empty list.
 */
export function nextZone<Candidate extends ZoneCandidate>(
  ordered: readonly Candidate[],
  ownZone: string,
  tried: readonly Candidate[],
  rotation: number,
): ZoneChoice<Candidate> | undefined {
  const isPassed = passedOver(ordered, tried);
  const first = (accepts: (candidate: Candidate) => boolean): Candidate | undefined =>
    firstFrom(ordered, ownZone, rotation, (it) => !isPassed(it) && accepts(it));
  const fit = first(({ isFit, isDrained }) => isFit && !isDrained) ?? first(({ isFit }) => isFit);
  if (fit !== undefined) return { candidate: fit, isPanic: false };
  const any = first(({ isUp }) => isUp) ?? first(() => true);
  return any === undefined ? undefined : { candidate: any, isPanic: true };
}

function passedOver<Candidate extends ZoneCandidate>(
  ordered: readonly Candidate[],
  tried: readonly Candidate[],
): (candidate: Candidate) => boolean {
  if (tried.length === 0) return () => false;
  const isZoneTried = ({ zone }: Candidate): boolean => tried.some((it) => it.zone === zone);
  if (!ordered.every(isZoneTried)) return isZoneTried;
  const isTried = (candidate: Candidate): boolean => tried.includes(candidate);
  return ordered.every(isTried) ? () => false : isTried;
}

function firstFrom<Candidate extends ZoneCandidate>(
  ordered: readonly Candidate[],
  ownZone: string,
  rotation: number,
  accepts: (candidate: Candidate) => boolean,
): Candidate | undefined {
  let ownCount = 0;
  for (; ordered[ownCount]?.zone === ownZone; ownCount += 1) {
    const own = ordered[ownCount];
    if (own !== undefined && accepts(own)) return own;
  }
  const others = ordered.length - ownCount;
  for (let step = 0; step < others; step += 1) {
    const candidate = ordered[ownCount + ((rotation + step) % others)];
    if (candidate !== undefined && accepts(candidate)) return candidate;
  }
  return undefined;
}
