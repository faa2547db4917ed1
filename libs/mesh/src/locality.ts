// Which zone next? Own zone first, then the others in turn; zones that look unfit only when nothing else is left. Pure.

export interface ZoneCandidate {
  readonly zone: string;
  /** Link up and circuit passable. */
  readonly isFit: boolean;
}

export interface ZoneChoice<Candidate> {
  readonly candidate: Candidate;
  /** No untried zone looked fit; this one is tried all the same (fail open, mesh reference B4). */
  readonly isPanic: boolean;
}

/** Own zone first, the others in their given order. Done once per service: `nextZone` expects this order. */
export function ownZoneFirst<Candidate extends ZoneCandidate>(
  candidates: readonly Candidate[],
  ownZone: string,
): Candidate[] {
  return [
    ...candidates.filter(({ zone }) => zone === ownZone),
    ...candidates.filter(({ zone }) => zone !== ownZone),
  ];
}

/**
 * The next candidate for a call that has been through `tried`. Fit and untried ones win; then any untried one (panic); when all
 * were tried, the same again. `rotation` (any whole number) spreads what leaves the own zone over the others.
 * Undefined only for an empty list.
 */
export function nextZone<Candidate extends ZoneCandidate>(
  ordered: readonly Candidate[],
  ownZone: string,
  tried: readonly Candidate[],
  rotation: number,
): ZoneChoice<Candidate> | undefined {
  const passed = tried.length < ordered.length ? tried : [];
  const fit = firstFrom(
    ordered,
    ownZone,
    rotation,
    (candidate) => candidate.isFit && !passed.includes(candidate),
  );
  if (fit !== undefined) return { candidate: fit, isPanic: false };
  const any = firstFrom(ordered, ownZone, rotation, (candidate) => !passed.includes(candidate));
  return any === undefined ? undefined : { candidate: any, isPanic: true };
}

function firstFrom<Candidate extends ZoneCandidate>(
  ordered: readonly Candidate[],
  ownZone: string,
  rotation: number,
  accepts: (candidate: Candidate) => boolean,
): Candidate | undefined {
  const own = ordered[0];
  const ownCount = own?.zone === ownZone ? 1 : 0;
  if (ownCount === 1 && own !== undefined && accepts(own)) return own;
  const others = ordered.length - ownCount;
  for (let step = 0; step < others; step += 1) {
    const candidate = ordered[ownCount + ((rotation + step) % others)];
    if (candidate !== undefined && accepts(candidate)) return candidate;
  }
  return undefined;
}
