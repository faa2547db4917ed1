// A circuit on opossum, one per (zone, service). opossum counts, trips, waits and half-opens; calls themselves do not run
// inside it: it is fed what became of them. That avoids the traps of mesh reference B3 (numbers below), and costs 0.7 µs a call.
//
//  1 opens on the first failure     volumeThreshold
//  3 a probe that hangs wedges it   the action only reports an outcome and settles at once; calls have deadlines of their own
//  4 filtered errors count as success   `ignored` never reaches opossum
//  5 capacity rejections open it    no capacity here; the link limits calls in flight
//  6 rejections dilute the rate     `fire` is never called while open
//  8 the reset time is fixed        grows with jitter, set before each failure is told
//  - a window full of old failures re-opens a circuit that just closed: the window is emptied on closing (found here)
import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import type { Clock, Random } from '@zonehold/primitives';
import type { Circuit, CircuitOutcome, CircuitPermit, CircuitState } from './circuit.ts';

export interface CircuitPolicy {
  /** Opens after so many failures in a row (mesh reference B4, ejection). */
  readonly consecutiveFailuresMax: number;
  /** Or when more than `errorThresholdPercentage` of at least `volumeThreshold` calls in the window failed. */
  readonly errorThresholdPercentage: number;
  readonly volumeThreshold: number;
  readonly windowMs: number;
  /** Open for half to all of `resetMs` × 2^n, at most `resetMaxMs`. */
  readonly resetMs: number;
  readonly resetMaxMs: number;
}

/** Mesh reference B3 and B4; back-off at most 10 s, so that a zone that returns is used soon. */
export const circuitPolicyDefaults: CircuitPolicy = {
  consecutiveFailuresMax: 5,
  errorThresholdPercentage: 50,
  volumeThreshold: 20,
  windowMs: 5_000,
  resetMs: 1_000,
  resetMaxMs: 10_000,
};

const windowBuckets = 10;

export interface OpossumCircuitOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: CircuitPolicy;
  readonly onState: (state: CircuitState) => void;
}

const settled = Promise.resolve();
const failed = new Error('the call failed');

export class OpossumCircuit implements Circuit {
  readonly #policy: CircuitPolicy;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #breaker: CircuitBreaker<[boolean], void>;
  readonly #window = new EventEmitter();
  readonly #windowTimer: NodeJS.Timeout;
  readonly #onState: (state: CircuitState) => void;
  #state: CircuitState = 'closed';
  #isProbing = false;
  #isClosed = false;
  #consecutiveFailures = 0;
  #openings = 0;
  #closedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ name, clock, random, policy, onState }: OpossumCircuitOptions) {
    this.#policy = policy;
    this.#clock = clock;
    this.#random = random;
    this.#onState = onState;
    this.#breaker = new CircuitBreaker(
      (isSuccess: boolean) => (isSuccess ? settled : Promise.reject(failed)),
      {
        name,
        // Nothing that could hang runs inside (trap 3).
        timeout: false,
        errorThresholdPercentage: policy.errorThresholdPercentage,
        volumeThreshold: policy.volumeThreshold,
        rollingCountTimeout: policy.windowMs,
        rollingCountBuckets: windowBuckets,
        resetTimeout: this.#nextResetMs(),
        rollingPercentilesEnabled: false,
        enableSnapshots: false,
        rotateBucketController: this.#window,
      },
    );
    this.#windowTimer = setInterval(
      () => this.#window.emit('rotate'),
      policy.windowMs / windowBuckets,
    ).unref();
    this.#breaker.on('open', () => this.#opened());
    this.#breaker.on('halfOpen', () => this.#become('half-open'));
    this.#breaker.on('close', () => this.#closed());
  }

  get state(): CircuitState {
    return this.#state;
  }

  get isPassable(): boolean {
    return this.#state === 'closed' || (this.#state === 'half-open' && !this.#isProbing);
  }

  acquire(): CircuitPermit {
    if (this.#state === 'closed') return 'normal';
    if (!this.isPassable) return 'refused';
    this.#isProbing = true;
    return 'probe';
  }

  report(permit: CircuitPermit, outcome: CircuitOutcome): void {
    // A call may end after its target was closed; opossum would reject what it is told then.
    if (this.#isClosed) return;
    if (outcome === 'ignored') {
      if (permit === 'probe') this.#isProbing = false;
      return;
    }
    // A straggler from before the opening, or a call made in panic, does not speak for the zone as it is now.
    if (this.#state !== 'closed' && permit !== 'probe') return;
    if (outcome === 'success') {
      this.#consecutiveFailures = 0;
      void this.#breaker.fire(true);
      return;
    }
    // Any failure may be the one that opens.
    this.#breakerOptions.resetTimeout = this.#nextResetMs();
    this.#breaker.fire(false).catch(ignore);
    this.#consecutiveFailures += 1;
    if (this.#consecutiveFailures >= this.#policy.consecutiveFailuresMax) this.#breaker.open();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#windowTimer);
    this.#breaker.shutdown();
  }

  #opened(): void {
    this.#openings += 1;
    this.#consecutiveFailures = 0;
    this.#become('open');
  }

  #closed(): void {
    this.#closedAtMs = this.#clock.monotonicMs();
    for (let bucket = 0; bucket < windowBuckets; bucket += 1) this.#window.emit('rotate');
    this.#become('closed');
  }

  #become(state: CircuitState): void {
    this.#state = state;
    this.#isProbing = false;
    this.#onState(state);
  }

  get #breakerOptions(): { resetTimeout?: number } {
    return (this.#breaker as unknown as { options: { resetTimeout?: number } }).options;
  }

  /** Openings count as one series until the circuit has stayed closed for `resetMaxMs`. */
  #nextResetMs(): number {
    const { resetMs, resetMaxMs } = this.#policy;
    const isCalm =
      this.#state === 'closed' && this.#clock.monotonicMs() - this.#closedAtMs > resetMaxMs;
    if (isCalm) this.#openings = 0;
    const ceilingMs = Math.min(resetMaxMs, resetMs * 2 ** this.#openings);
    return ceilingMs * (0.5 + this.#random.unit() / 2);
  }
}

function ignore(): void {
  // The outcome was told; opossum's own rejection says nothing more.
}
