// Is the other end alive? Counts silence while the peer owes an answer, and asks with pings. Pure but for its clock.
//
// Silence is added up sweep by sweep, each step capped: when our own event loop stood still (or the whole zone was paused),
// the peer is not to blame for the answers we could not read.
import type { Clock } from '@zonehold/primitives';

/**
 * An idle link is asked once in this time, so that a hung peer is known before the next call pays for it: with the silence after it, within
 * the second in which a zone that is cut off in one direction must be noticed.
 */
const idlePingMs = 400;

export class LinkPulse {
  readonly #silenceMs: number;
  readonly #stepMaxMs: number;
  readonly #clock: Clock;
  #lastCheckMs = 0;
  #hasHeard = false;
  #isPinged = false;
  #owedMs = 0;
  #idleMs = 0;

  constructor(policy: { linkSilenceMs: number; sweepMs: number }, clock: Clock) {
    this.#silenceMs = policy.linkSilenceMs;
    this.#stepMaxMs = 2 * policy.sweepMs;
    this.#clock = clock;
  }

  /** A new connection. */
  start(): void {
    this.#lastCheckMs = this.#clock.monotonicMs();
    this.#hasHeard = false;
    this.#isPinged = false;
    this.#owedMs = 0;
    this.#idleMs = 0;
  }

  /** Any byte came. */
  heard(): void {
    this.#hasHeard = true;
  }

  ponged(): void {
    this.#isPinged = false;
  }

  /** Once per sweep. `ping`: send one now. `dead`: cut the link. */
  check(hasPending: boolean): 'alive' | 'ping' | 'dead' {
    const nowMs = this.#clock.monotonicMs();
    const stepMs = Math.min(nowMs - this.#lastCheckMs, this.#stepMaxMs);
    this.#lastCheckMs = nowMs;
    if (this.#hasHeard) {
      this.#hasHeard = false;
      this.#owedMs = 0;
      this.#idleMs = 0;
      return 'alive';
    }
    if (!hasPending && !this.#isPinged) {
      this.#owedMs = 0;
      this.#idleMs += stepMs;
      return this.#idleMs >= idlePingMs ? this.#ping() : 'alive';
    }
    this.#owedMs += stepMs;
    if (this.#owedMs >= this.#silenceMs) return 'dead';
    // Asked early enough that a live peer with a slow operation always answers in time.
    return !this.#isPinged && this.#owedMs >= this.#silenceMs / 3 ? this.#ping() : 'alive';
  }

  #ping(): 'ping' {
    this.#isPinged = true;
    this.#idleMs = 0;
    return 'ping';
  }
}
