// Which endpoint of a service takes a client's next call, and what their answers teach. It joins the rules: outlier (who is ejected),
// zone-shares (how much leaves the own zone), latency-spill, peak-ewma (who is quick), locality (where a call goes after it failed).
// Pure: time is an argument, chance is given, no timers. Production and the simulated mesh run this same code.
import { assert, type Random } from '@zonehold/primitives';
import { healthOf, inTurns, zonesOf, type Zone } from './balancer-zone.ts';
import type { CircuitOutcome } from './circuit.ts';
import { LatencySpill, latencySpillDefaults, type LatencySpillPolicy } from './latency-spill.ts';
import { nextZone, type ZoneChoice } from './locality.ts';
import type { BalancedEndpoint, Member } from './member.ts';
import {
  outlierPolicyDefaults,
  type Outlier,
  type EjectionReason,
  type OutlierPolicy,
} from './outlier.ts';
import { sharePolicyDefaults, zoneShares, type SharePolicy } from './zone-shares.ts';

export interface BalancerPolicy {
  readonly outlier: OutlierPolicy;
  readonly shares: SharePolicy;
  readonly latencySpill: LatencySpillPolicy;
}

export const balancerPolicyDefaults: BalancerPolicy = {
  outlier: outlierPolicyDefaults,
  shares: sharePolicyDefaults,
  latencySpill: latencySpillDefaults,
};

export type ReturnReason = 'ejection-over' | 'link-up' | 'drain-over';

/** A wish to keep calls away from a zone, and when it ends on the client's monotonic clock. */
export interface ZoneDrain {
  readonly zone: string;
  readonly untilMs: number;
}

/** What the balancer decided; every decision is told. */
export interface BalancerObserver<Endpoint> {
  ejected(endpoint: Endpoint, reason: EjectionReason, lastsMs: number): void;
  /** It should have been ejected, but too much is ejected already. */
  ejectionCapped(endpoint: Endpoint, reason: EjectionReason): void;
  /** It is used again, at first a little. */
  returned(endpoint: Endpoint, reason: ReturnReason): void;
  /** So much of its share leaves the own zone because it is slow. */
  latencySpillChanged(share: number): void;
  panicChanged(isPanic: boolean): void;
  /** The zone of `endpoint` gets no share, because an operator wants it so. */
  drained(endpoint: Endpoint): void;
  /** It gets its share although it is drained: too few others are fit. */
  drainSetAside(endpoint: Endpoint): void;
}

/** One zone of three may be ejected; of its endpoints singly, at most half. */
const zonesPerEjected = 3;
/** Links and circuits change without telling: what was reckoned from them is good for so long. */
const sharesFreshMs = 50;

/** Any whole numbers will do; these stay small. */
const rotationEnd = 0x10000;

export interface BalancerOptions<Endpoint> {
  readonly ownZone: string;
  readonly endpoints: readonly Endpoint[];
  readonly random: Random;
  readonly policy?: BalancerPolicy;
  readonly observer?: Partial<BalancerObserver<Endpoint>>;
}

export class Balancer<Endpoint extends BalancedEndpoint> {
  readonly #ownZone: string;
  #members: readonly Member<Endpoint>[];
  #zones: readonly Zone<Endpoint>[];
  readonly #random: Random;
  readonly #policy: BalancerPolicy;
  readonly #observer: Partial<BalancerObserver<Endpoint>>;
  #latencySpill: LatencySpill;
  #sharesUntilMs = Number.NEGATIVE_INFINITY;
  #isPanic = false;
  #rotation: number;

  constructor({ ownZone, endpoints, random, policy, observer }: BalancerOptions<Endpoint>) {
    this.#ownZone = ownZone;
    this.#random = random;
    this.#policy = policy ?? balancerPolicyDefaults;
    this.#observer = observer ?? {};
    this.#zones = zonesOf(endpoints, ownZone, this.#policy.outlier);
    this.#members = inTurns(this.#zones);
    this.#rotation = Math.floor(random.unit() * rotationEnd);
    this.#latencySpill = new LatencySpill(this.#policy.latencySpill, this.#zones.length);
  }

  /** Own zone first; of the others one of each zone in turn, so that calls which failed together spread over all of them. */
  get members(): readonly Member<Endpoint>[] {
    return this.#members;
  }

  get isPanic(): boolean {
    return this.#isPanic;
  }

  /** The endpoint for a call that has been through `tried`: by shares at first, in another zone afterwards. */
  choose(tried: readonly Member<Endpoint>[], nowMs: number): ZoneChoice<Member<Endpoint>> {
    if (nowMs >= this.#sharesUntilMs) this.#reckonShares(nowMs);
    if (tried.length === 0) {
      const member = this.#byShare(nowMs);
      if (member !== undefined && (this.#isPanic || member.isFit))
        return { candidate: member, isPanic: this.#isPanic };
    }
    this.#rotation = (this.#rotation + 1) % rotationEnd;
    const choice = nextZone(this.members, this.#ownZone, tried, this.#rotation);
    assert(choice !== undefined, 'there is an endpoint to choose');
    return choice;
  }

  /**
   * From now on these zones, and no others, get no share, each until its time. Set aside while too few others are fit (`zoneShares`); a
   * call that failed elsewhere may still go there.
   */
  drain(drains: readonly ZoneDrain[], nowMs: number): void {
    for (const zone of this.#zones) {
      const wished = drains.find((drain) => drain.zone === zone.zone);
      zone.drainedUntilMs = wished?.untilMs ?? Number.NEGATIVE_INFINITY;
    }
    this.#sharesUntilMs = nowMs;
  }

  /**
   * From now on these are the endpoints. Those that were before keep what is known of them, others start slow; calls under way to those
   * that are gone still end here, and teach nothing.
   */
  adopt(endpoints: readonly Endpoint[], nowMs: number): void {
    const { members } = this;
    const namesOf = (zones: readonly Zone<Endpoint>[]): string =>
      zones.map(({ zone }) => zone).join();
    const namesBefore = namesOf(this.#zones);
    this.#zones = zonesOf(endpoints, this.#ownZone, this.#policy.outlier, this.#zones);
    this.#members = inTurns(this.#zones);
    // It counts by the places of zones.
    if (namesOf(this.#zones) !== namesBefore)
      this.#latencySpill = new LatencySpill(this.#policy.latencySpill, this.#zones.length);
    this.#sharesUntilMs = nowMs;
    // Whoever counts ejections would never see this one end.
    for (const { endpoint, outlier } of members)
      if (outlier.isEjected && !endpoints.includes(endpoint))
        this.#observer.returned?.(endpoint, 'ejection-over');
  }

  /** A call to `member` is sent; `ended` must follow. */
  began(member: Member<Endpoint>): void {
    member.inFlight += 1;
  }

  ended(member: Member<Endpoint>, outcome: CircuitOutcome, latencyMs: number, nowMs: number): void {
    member.inFlight -= 1;
    if (!this.#members.includes(member)) return;
    if (outcome === 'success') {
      member.latency.observe(latencyMs, nowMs);
      this.#latencySpill.observe(this.#zoneNumber(member), latencyMs);
    }
    this.#judge(member, outcome, nowMs);
  }

  #judge(member: Member<Endpoint>, outcome: CircuitOutcome, nowMs: number): void {
    const { outlier, zoneOutlier, isAlone, endpoint } = member;
    if (zoneOutlier.isEjected) return;
    const zoneReason = zoneOutlier.record(outcome, nowMs);
    if (zoneReason !== undefined)
      this.#eject(zoneOutlier, endpoint, zoneReason, nowMs, this.#mayEjectZone(member));
    if (isAlone) return;
    const reason = outlier.record(outcome, nowMs);
    if (reason === undefined) return;
    this.#eject(outlier, endpoint, reason, nowMs, this.#mayEjectMember(member));
    // What one endpoint did is settled; it must not be held against its zone.
    if (outlier.isEjected) zoneOutlier.pardon();
  }

  #eject(
    outlier: Outlier,
    endpoint: Endpoint,
    reason: EjectionReason,
    nowMs: number,
    isAllowed: boolean,
  ): void {
    if (!isAllowed) {
      outlier.pardon();
      this.#observer.ejectionCapped?.(endpoint, reason);
      return;
    }
    const lastsMs = outlier.eject(nowMs, this.#random.unit());
    this.#sharesUntilMs = nowMs;
    this.#observer.ejected?.(endpoint, reason, lastsMs);
  }

  #mayEjectZone(member: Member<Endpoint>): boolean {
    const others = this.#zones.filter(({ outlier }) => outlier !== member.zoneOutlier);
    const ejected = others.filter(({ outlier }) => outlier.isEjected).length;
    const ejectedMax = Math.max(1, Math.floor(this.#zones.length / zonesPerEjected));
    return others.length > 0 && ejected < ejectedMax;
  }

  #mayEjectMember(member: Member<Endpoint>): boolean {
    const members = this.#zones[this.#zoneNumber(member)]?.members ?? [];
    const ejected = members.filter(({ outlier }) => outlier.isEjected).length;
    return (ejected + 1) * 2 <= members.length;
  }

  #zoneNumber(member: Member<Endpoint>): number {
    for (let at = 0; at < this.#zones.length; at += 1)
      if (this.#zones[at]?.zone === member.zone) return at;
    return 0;
  }

  #byShare(nowMs: number): Member<Endpoint> | undefined {
    const first = this.#zones[0];
    if (first === undefined) return undefined;
    if (first.share >= 1) return this.#quickerOf(first.members, nowMs);
    let left = this.#random.unit();
    let last: Zone<Endpoint> | undefined;
    for (const zone of this.#zones) {
      if (zone.share === 0) continue;
      last = zone;
      left -= zone.share;
      if (left < 0) break;
    }
    return last === undefined ? undefined : this.#quickerOf(last.members, nowMs);
  }

  /** The better of two taken by chance: as good as the best of all, without a herd (power of two choices). */
  #quickerOf(members: readonly Member<Endpoint>[], nowMs: number): Member<Endpoint> | undefined {
    const count = members.length;
    if (count === 1) return members[0];
    const at = Math.floor(this.#random.unit() * count);
    const step = 1 + Math.floor(this.#random.unit() * (count - 1));
    const [first, second] = [members[at], members[(at + step) % count]];
    if (first === undefined || second === undefined) return first;
    const [firstCost, secondCost] = [this.#cost(first, nowMs), this.#cost(second, nowMs)];
    if (firstCost !== Number.POSITIVE_INFINITY || secondCost !== Number.POSITIVE_INFINITY)
      return firstCost <= secondCost ? first : second;
    for (let next = 0; next < count; next += 1) {
      const member = members[(at + next) % count];
      if (member?.isFit === true) return member;
    }
    return first;
  }

  /** Who is on the way back draws a blank as often as its weight is short of 1. */
  #cost(member: Member<Endpoint>, nowMs: number): number {
    if (!member.isUp) return Number.POSITIVE_INFINITY;
    if (!this.#isPanic) {
      if (!member.isFit) return Number.POSITIVE_INFINITY;
      const weight = member.outlier.weight(nowMs);
      if (weight < 1 && this.#random.unit() >= weight) return Number.POSITIVE_INFINITY;
    }
    return (member.latency.valueMs(nowMs) + 1) * (member.inFlight + 1);
  }

  #reckonShares(nowMs: number): void {
    this.#sharesUntilMs = nowMs + sharesFreshMs;
    for (const zone of this.#zones) {
      const first = zone.members[0];
      if (zone.outlier.settle(nowMs) && first !== undefined)
        this.#observer.returned?.(first.endpoint, 'ejection-over');
    }
    for (const member of this.members) this.#follow(member, nowMs);
    for (const zone of this.#zones) this.#endDrain(zone, nowMs);
    const hasOwn = this.#zones[0]?.isOwn === true;
    if (hasOwn && this.#latencySpill.settle(nowMs))
      this.#observer.latencySpillChanged?.(this.#latencySpill.share);
    const { shares, isPanic, isDrainHeeded } = zoneShares(
      this.#zones.map((zone) => healthOf(zone, nowMs)),
      this.#latencySpill.share,
      this.#policy.shares,
    );
    for (const [at, zone] of this.#zones.entries()) {
      zone.share = shares[at] ?? 0;
      if (nowMs < zone.drainedUntilMs) this.#heedDrain(zone, isDrainHeeded, nowMs);
    }
    if (isPanic !== this.#isPanic) this.#observer.panicChanged?.(isPanic);
    this.#isPanic = isPanic;
  }

  /** Who was kept free of calls comes back slowly, as from an ejection. */
  #endDrain(zone: Zone<Endpoint>, nowMs: number): void {
    const { members, drainedSinceMs, drainedUntilMs } = zone;
    const [first] = members;
    if (drainedSinceMs === undefined || nowMs < drainedUntilMs || first === undefined) return;
    zone.drainedSinceMs = undefined;
    for (const member of members) {
      member.isDrained = false;
      member.outlier.returned(nowMs - drainedSinceMs);
    }
    this.#observer.returned?.(first.endpoint, 'drain-over');
  }

  #heedDrain(zone: Zone<Endpoint>, isHeeded: boolean, nowMs: number): void {
    const [first] = zone.members;
    if (isHeeded === (zone.drainedSinceMs !== undefined) || first === undefined) return;
    zone.drainedSinceMs = isHeeded ? nowMs : undefined;
    for (const member of zone.members) member.isDrained = isHeeded;
    if (isHeeded) this.#observer.drained?.(first.endpoint);
    else this.#observer.drainSetAside?.(first.endpoint);
  }

  /** Ends ejections that are over, and notices links that were away. */
  #follow(member: Member<Endpoint>, nowMs: number): void {
    const { endpoint, outlier } = member;
    if (outlier.settle(nowMs)) this.#observer.returned?.(endpoint, 'ejection-over');
    if (!member.isUp) {
      if (member.hasBeenUp) member.downSinceMs ??= nowMs;
      return;
    }
    member.hasBeenUp = true;
    if (member.downSinceMs === undefined) return;
    if (outlier.returned(nowMs - member.downSinceMs))
      this.#observer.returned?.(endpoint, 'link-up');
    member.downSinceMs = undefined;
  }
}
