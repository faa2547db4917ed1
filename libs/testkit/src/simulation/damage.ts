// The faults that take an acceptor's memory: wipe, rollback, and the move of a zone to another Redis. One zone at a time,
// and only what the protocol claims to survive (P3 and its stated window).
import { parseSelf, type AcceptorAddress, type AcceptorState } from '@zonehold/caspaxos';
import type { AcceptorHost } from './acceptor-host.ts';
import type { MemoryRegion } from './memory-store.ts';
import { RegionTruth } from './region-truth.ts';

/** A zone whose acceptor is not what it was, and the identity that is lost with it. */
interface Damage {
  readonly zone: string;
  readonly self: string | undefined;
  /** Its disk is as it was; an operator was to move it, and may not have. */
  readonly isMoveOnly: boolean;
}

/** See the head of the file. */
export class DamageKeeper {
  readonly truth: RegionTruth;
  readonly #region: MemoryRegion;
  readonly #images = new Map<AcceptorHost, AcceptorState>();
  #damage: Damage | undefined;
  /** A Redis that its zone has left, or is about to. */
  #left: AcceptorHost | undefined;
  #addresses = 0;

  constructor(region: MemoryRegion) {
    this.#region = region;
    this.truth = new RegionTruth(region);
  }

  /** The zone that is damaged, until the region is whole with another acceptor there. */
  damagedZone(): string | undefined {
    if (this.#damage === undefined) return undefined;
    const { zone, self } = this.#damage;
    if (!this.truth.isWhole() || this.truth.voterSelf(zone) === self) return zone;
    this.#damage = undefined;
    // The operator turns the old one off: a plan of replacement ends with that.
    if (this.#left !== this.truth.hostOf(zone)) this.#left?.crash();
    this.#left = undefined;
    return undefined;
  }

  /** All zones vote again, each with a memory. */
  isHealed(): boolean {
    return this.truth.isWhole() && (this.damagedZone() === undefined || this.#damage!.isMoveOnly);
  }

  isOff(host: AcceptorHost): boolean {
    return !host.isUp && host !== this.truth.hostOf(host.zone);
  }

  /** What is on disk now may come back later. */
  takeImage(zone: string): boolean {
    const host = this.truth.hostOf(zone);
    if (host.hasUnsynced || host.state.header === null) return false;
    this.#images.set(host, host.diskImage());
    return true;
  }

  /** Empties a zone's disk; false when that would be a second damage. */
  wipe(zone: string): boolean {
    if (!this.#begin(zone)) return false;
    this.truth.hostOf(zone).wipe();
    return true;
  }

  /** Only into a past that both peers know to be past: what nobody saw cannot be missed. */
  rollBack(zone: string): boolean {
    const host = this.truth.hostOf(zone);
    const image = this.#images.get(host);
    if (image?.header == null) return false;
    const { self, seq } = image.header;
    const recordName = self.split('/').slice(3).join('/');
    // An identity that no configuration names any more is not believed anyway.
    const { incarnation } = parseSelf(self)!;
    const isMissed =
      !this.truth.newest().signed.text.includes(incarnation) ||
      this.truth.peersOf(zone).every((peer) => (peer.state.header?.peers[recordName] ?? 0) > seq);
    if (!isMissed || !this.#begin(zone)) return false;
    host.rollBackTo(image);
    return true;
  }

  /** Another empty Redis for a zone; undefined when something is damaged. The zone counts as damaged from now on. */
  moveTo(zone: string): AcceptorAddress | undefined {
    if (this.damagedZone() !== undefined) return undefined;
    const left = this.truth.hostOf(zone);
    if (!this.#begin(zone, true)) return undefined;
    this.#left = left;
    this.#addresses += 1;
    const address = { host: '10.0.0.1', port: 7_000 + this.#addresses };
    this.#region.addHost(zone, address);
    return address;
  }

  #begin(zone: string, isMoveOnly = false): boolean {
    const damaged = this.damagedZone();
    if (damaged !== undefined && damaged !== zone) return false;
    if (damaged === zone) {
      // Its next acceptor may vote already: that one is lost now.
      this.#damage = { zone, self: this.truth.voterSelf(zone) ?? this.#damage?.self, isMoveOnly };
      return true;
    }
    if (!this.truth.isWhole()) return false;
    this.#damage = { zone, self: this.truth.voterSelf(zone), isMoveOnly };
    return true;
  }
}
