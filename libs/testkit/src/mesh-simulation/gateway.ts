// A gateway of the simulated mesh. It decides nothing itself: where a call goes is the mesh's Balancer, how long an attempt may take and
// whether another follows is the mesh's Retries, what a failure says is the mesh's table. What is simulated is the wire between.
import {
  Balancer,
  circuitOutcome,
  Retries,
  retryPolicyDefaults,
  type BalancedEndpoint,
  type BalancerPolicy,
  type LinkAnswer,
  type Member,
  type RetryPolicy,
} from '@zonehold/mesh';
import { KmsError, type SeededRandom } from '@zonehold/primitives';
import type { EventQueue } from './event-queue.ts';
import type { ServedAs, SimulatedKeyManager } from './key-manager.ts';
import type { Tally } from './tally.ts';

export interface Wire {
  /** One way. */
  readonly sameZoneMs: number;
  readonly otherZoneMs: number;
  /** A link that owes an answer and is silent for so long is cut. */
  readonly silenceMs: number;
}

const requestDeadlineMs = 2_000;
const service = 'key-manager';

type FailureCode = Exclude<ServedAs, 'OK'> | 'LINK_LOST';
type Failure = Extract<LinkAnswer, { kind: 'failure' }>;

function failureOf(
  code: FailureCode,
  outcome: 'unknown' | 'not-applied',
  wasSent: boolean,
): Failure {
  const error = new KmsError(code, 'simulated', { outcome });
  return { kind: 'failure', error, from: 'link', wasSent };
}

/** Made once: an error with its stack for each of a million calls would cost more than the call. */
const failures: Readonly<Record<Exclude<ServedAs, 'OK'>, Failure>> = {
  UNAVAILABLE: failureOf('UNAVAILABLE', 'unknown', true),
  OVERLOADED: failureOf('OVERLOADED', 'not-applied', true),
  DEADLINE_EXCEEDED: failureOf('DEADLINE_EXCEEDED', 'not-applied', true),
};
const timedOut = failureOf('DEADLINE_EXCEEDED', 'unknown', true);
const linkLost = failureOf('LINK_LOST', 'unknown', true);
const noLink = failureOf('LINK_LOST', 'not-applied', false);
const replied: LinkAnswer = { kind: 'reply', body: null };

/** A key-manager as this gateway sees it. No circuit: it is stricter than the balancer nowhere, and needs real timers. */
class SimulatedEndpoint implements BalancedEndpoint {
  readonly keyManager: SimulatedKeyManager;
  readonly zone: string;
  readonly isPassable = true;
  isUp = true;
  /** Attempts that wait for an answer; each can be told once that the link is lost. */
  readonly waiting = new Set<(answer: LinkAnswer) => void>();

  constructor(keyManager: SimulatedKeyManager) {
    this.keyManager = keyManager;
    this.zone = String(keyManager.zone);
  }
}

interface Request {
  readonly startedMs: number;
  readonly tried: Member<SimulatedEndpoint>[];
  /** The request exists; for how long its deadline allows. */
  readonly deadlineMs: number;
}

export interface GatewayOptions {
  readonly zone: number;
  readonly keyManagers: readonly SimulatedKeyManager[];
  readonly wire: Wire;
  readonly time: EventQueue;
  readonly random: SeededRandom;
  readonly tally: Tally;
  readonly balancer: BalancerPolicy;
  readonly retries?: Partial<RetryPolicy>;
}

export class SimulatedGateway {
  readonly #options: GatewayOptions;
  readonly #endpoints: readonly SimulatedEndpoint[];
  readonly #balancer: Balancer<SimulatedEndpoint>;
  readonly #retries: Retries<string>;

  constructor(options: GatewayOptions) {
    const { zone, keyManagers, time, random, tally } = options;
    this.#options = options;
    this.#endpoints = keyManagers.map((keyManager) => new SimulatedEndpoint(keyManager));
    this.#retries = new Retries({ ...retryPolicyDefaults, ...options.retries }, time);
    this.#balancer = new Balancer({
      ownZone: String(zone),
      endpoints: this.#endpoints,
      random,
      policy: options.balancer,
      observer: {
        ejected: (endpoint) => tally.ejected(time.monotonicMs(), Number(endpoint.zone)),
        ejectionCapped: () => tally.capped(time.monotonicMs()),
        panicChanged: (isPanic) => tally.panicked(time.monotonicMs(), isPanic),
      },
    });
  }

  /** How many endpoints of `zone` are ejected here now. */
  ejectedIn(zone: number): number {
    return this.#balancer.members.filter(
      (member) => member.endpoint.keyManager.zone === zone && member.isEjected,
    ).length;
  }

  request(): void {
    const startedMs = this.#options.time.monotonicMs();
    this.#retries.called();
    this.#options.tally.began(startedMs);
    this.#attempt({ startedMs, tried: [], deadlineMs: startedMs + requestDeadlineMs });
  }

  /** Links to the zone are cut: what waits for answers there has lost them. */
  linksDown(zone: number): void {
    for (const endpoint of this.#endpoints) {
      if (endpoint.keyManager.zone !== zone) continue;
      endpoint.isUp = false;
      for (const settle of [...endpoint.waiting]) settle(linkLost);
    }
  }

  linksUp(zone: number): void {
    for (const endpoint of this.#endpoints)
      if (endpoint.keyManager.zone === zone) endpoint.isUp = true;
  }

  #attempt(request: Request): void {
    const { time, tally } = this.#options;
    const { candidate } = this.#balancer.choose(request.tried, time.monotonicMs());
    request.tried.push(candidate);
    tally.attempted(time.monotonicMs(), candidate.endpoint.keyManager.zone);
    const sentMs = time.monotonicMs();
    const timeoutMs = this.#retries.attemptTimeoutMs(
      request.deadlineMs - sentMs,
      request.tried.length,
      this.#endpoints.length,
      { retry: 'always' },
    );
    this.#balancer.began(candidate);
    this.#send(candidate.endpoint, timeoutMs, (answer) =>
      this.#ended(request, candidate, answer, sentMs, timeoutMs),
    );
  }

  /** `settle` is told exactly once: the answer, the end of the time, or the loss of the link. */
  #send(
    endpoint: SimulatedEndpoint,
    timeoutMs: number,
    settle: (answer: LinkAnswer) => void,
  ): void {
    const { time, wire, zone, tally } = this.#options;
    if (!endpoint.isUp) {
      tally.unsent(time.monotonicMs());
      settle(noLink);
      return;
    }
    const onceOnly = (answer: LinkAnswer): void => {
      if (endpoint.waiting.delete(onceOnly)) settle(answer);
    };
    endpoint.waiting.add(onceOnly);
    const oneWayMs = endpoint.keyManager.zone === zone ? wire.sameZoneMs : wire.otherZoneMs;
    const deadlineMs = time.monotonicMs() + timeoutMs;
    time.after(oneWayMs, () =>
      endpoint.keyManager.receive(deadlineMs, (as) => {
        time.after(oneWayMs, () => onceOnly(as === 'OK' ? replied : failures[as]));
      }),
    );
    time.after(timeoutMs, () => onceOnly(timedOut));
  }

  #ended(
    request: Request,
    member: Member<SimulatedEndpoint>,
    answer: LinkAnswer,
    sentMs: number,
    timeoutMs: number,
  ): void {
    const { time, tally } = this.#options;
    const nowMs = time.monotonicMs();
    const attempt = request.tried.length;
    const outcome = circuitOutcome(answer, timeoutMs);
    this.#balancer.ended(member, outcome, nowMs - sentMs, nowMs);
    const wasSent = answer.kind === 'reply' || answer.wasSent;
    this.#retries.learned(service, outcome, attempt, wasSent);
    if (answer.kind === 'reply') {
      tally.succeeded(request.startedMs, nowMs);
      return;
    }
    const remainingMs = request.deadlineMs - nowMs;
    const verdict = this.#retries.verdict(service, answer, attempt, 'always', remainingMs);
    if (verdict === 'retry') this.#attempt(request);
    else tally.failed(request.startedMs, answer.error.code);
  }
}
