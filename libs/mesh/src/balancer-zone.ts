// One zone as a balancer knows it, and how zones are made of the endpoints of a snapshot: what stays keeps all that is known of it.
import { assert } from '@zonehold/primitives';
import { ownZoneFirst } from './locality.ts';
import { Member, type BalancedEndpoint } from './member.ts';
import { Outlier, type OutlierPolicy } from './outlier.ts';
import type { ZoneHealth } from './zone-shares.ts';

/** Many endpoints: a run of failures through the whole zone must be longer than one that a single bad endpoint can make. */
const zoneConsecutiveTimes = 4;

export interface Zone<Endpoint extends BalancedEndpoint> {
  readonly zone: string;
  readonly isOwn: boolean;
  readonly members: readonly Member<Endpoint>[];
  readonly outlier: Outlier;
  share: number;
  drainedUntilMs: number;
  /** Since when the drain is heeded; undefined while it is not. */
  drainedSinceMs: number | undefined;
}

/** The zones of `endpoints`, the own one first. Endpoints that are in `before` keep their member; others start slow, unless all is new. */
export function zonesOf<Endpoint extends BalancedEndpoint>(
  endpoints: readonly Endpoint[],
  ownZone: string,
  policy: OutlierPolicy,
  before: readonly Zone<Endpoint>[] = [],
): Zone<Endpoint>[] {
  const names = new Set(ownZoneFirst(endpoints, ownZone).map(({ zone }) => zone));
  const known = new Map(
    before.flatMap(({ members }) => members.map((member) => [member.endpoint, member] as const)),
  );
  const memberOf = (endpoint: Endpoint): Member<Endpoint> => {
    const member = known.get(endpoint) ?? new Member(endpoint, policy);
    if (before.length > 0 && !known.has(endpoint))
      member.outlier.returned(Number.POSITIVE_INFINITY);
    return member;
  };
  return [...names].map((zone) => {
    const members = endpoints.filter((endpoint) => endpoint.zone === zone).map(memberOf);
    const old = before.find((it) => it.zone === zone);
    return zoneOf(zone, zone === ownZone, members, policy, old);
  });
}

function zoneOf<Endpoint extends BalancedEndpoint>(
  zone: string,
  isOwn: boolean,
  members: readonly Member<Endpoint>[],
  policy: OutlierPolicy,
  before: Zone<Endpoint> | undefined,
): Zone<Endpoint> {
  const [first] = members;
  assert(first !== undefined, 'a zone is named by its endpoints');
  const outlier = members.length === 1 ? first.outlier : sharedOutlier(policy, before);
  for (const member of members) member.zoneOutlier = outlier;
  const undrained = { drainedUntilMs: Number.NEGATIVE_INFINITY, drainedSinceMs: undefined };
  const { drainedUntilMs, drainedSinceMs } = before ?? undrained;
  for (const member of members) member.isDrained = drainedSinceMs !== undefined;
  return { zone, isOwn, members, outlier, share: 0, drainedUntilMs, drainedSinceMs };
}

/** What is known of the whole zone goes on as long as it has several endpoints. */
function sharedOutlier<Endpoint extends BalancedEndpoint>(
  policy: OutlierPolicy,
  before: Zone<Endpoint> | undefined,
): Outlier {
  if (before !== undefined && before.members.length > 1) return before.outlier;
  const consecutiveFailuresMax = policy.consecutiveFailuresMax * zoneConsecutiveTimes;
  return new Outlier({ ...policy, consecutiveFailuresMax });
}

/** All members: the own zone's, then of the others one of each zone in turn. */
export function inTurns<Endpoint extends BalancedEndpoint>(
  zones: readonly Zone<Endpoint>[],
): Member<Endpoint>[] {
  const own = zones.filter(({ isOwn }) => isOwn).flatMap(({ members }) => members);
  const others = zones.filter(({ isOwn }) => !isOwn).map(({ members }) => members);
  const turns = Math.max(0, ...others.map(({ length }) => length));
  const each = Array.from({ length: turns }, (_, turn) =>
    others.flatMap((members) => members.slice(turn, turn + 1)),
  );
  return [...own, ...each.flat()];
}

export function healthOf<Endpoint extends BalancedEndpoint>(
  { isOwn, members, outlier, drainedUntilMs }: Zone<Endpoint>,
  nowMs: number,
): ZoneHealth {
  let up = 0;
  let fit = 0;
  let available = 0;
  for (const member of members) {
    if (member.isUp) up += 1;
    if (!member.isFit) continue;
    fit += 1;
    available += member.outlier.weight(nowMs);
  }
  if (members.length > 1) available *= outlier.weight(nowMs);
  const isDrained = nowMs < drainedUntilMs;
  return { isOwn, endpoints: members.length, up, available, fit, isDrained };
}
