// One service in one zone as a client sees it: a link for small messages, one for big ones, and a circuit. No retries here.
import type { SecureContext } from 'node:tls';
import {
  KmsError,
  type Clock,
  type Deadline,
  type FaultPort,
  type Random,
} from '@zonehold/primitives';
import type { BalancedEndpoint } from './member.ts';
import type { Circuit, CircuitOutcome } from './circuit.ts';
import { Link, type LinkAnswer, type LinkPolicy } from './link.ts';
import type { ClientObserver } from './observer.ts';
import { OpossumCircuit, type CircuitPolicy } from './opossum-circuit.ts';
import type { Endpoint, ServiceIdentity, TraceCarrier } from './ports.ts';
import { circuitOutcome } from './retry-rules.ts';

/** Requests longer than this go on a connection of their own: they would hold up the small ones (performance §6.1). */
const bigBodyChars = 64 * 1024;
/** A call that needs a link which is not up waits so long for it, not longer: other zones may be quicker. */
const linkWaitMaxMs = 250;

export interface TargetOptions {
  readonly self: ServiceIdentity;
  readonly endpoint: Endpoint;
  readonly secureContext: SecureContext;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Partial<ClientObserver>;
  readonly traces: TraceCarrier | undefined;
  readonly faults: FaultPort | undefined;
  readonly link: LinkPolicy;
  readonly circuit: CircuitPolicy;
  /** Calls under way; one more fails at once. */
  readonly inFlightMax: number;
}

/** One attempt: what is sent, and for how long an answer is awaited. */
export interface Attempt {
  readonly method: string;
  readonly bodyText: string;
  readonly correlationId: string;
  readonly traceparent: string | undefined;
  readonly timeoutMs: number;
  /** What the peer is told it has. */
  readonly remainingMs: number;
  /** Of the whole call: when it is cancelled, so is the attempt. */
  readonly deadline: Deadline;
  /** Called although the target looks unfit. */
  readonly isPanic: boolean;
}

/** How an attempt ended, and what it says of the target. */
export interface AttemptEnd {
  readonly answer: LinkAnswer;
  readonly outcome: CircuitOutcome;
}

export class Target implements BalancedEndpoint {
  readonly endpoint: Endpoint;
  readonly circuit: Circuit;
  readonly #options: TargetOptions;
  readonly #small: Link;
  #big: Link | undefined;
  #inFlight = 0;
  #isRetired = false;
  /** Of anything: a refusal shows a peer that answers, too. */
  #lastAnsweredMs = -Infinity;

  constructor(options: TargetOptions) {
    const { endpoint, clock, random, observer } = options;
    this.#options = options;
    this.endpoint = endpoint;
    this.circuit = new OpossumCircuit({
      name: `${endpoint.service} ${endpoint.zone}`,
      clock,
      random,
      policy: options.circuit,
      onState: (state) => {
        if (!this.#isRetired) observer.circuitChanged?.(endpoint.service, endpoint.zone, state);
      },
    });
    this.#small = this.#openLink(true);
  }

  get zone(): string {
    return this.endpoint.zone;
  }

  get isUp(): boolean {
    return this.#small.isUp;
  }

  get isPassable(): boolean {
    return this.circuit.isPassable;
  }

  /** Makes one attempt and tells circuit and observer how it ended. Never rejects. */
  async call(attempt: Attempt): Promise<AttemptEnd> {
    const { clock, observer, inFlightMax } = this.#options;
    const { service, zone } = this.endpoint;
    // Before the circuit: neither it nor anybody's statistics learn from what was never asked.
    if (this.#inFlight >= inFlightMax) {
      observer.bulkheadFull?.(service, zone);
      return { answer: bulkheadFull(), outcome: 'ignored' };
    }
    const permit = this.circuit.acquire();
    if (permit === 'refused' && !attempt.isPanic)
      return { answer: circuitOpen(), outcome: 'ignored' };
    const startedMs = clock.monotonicMs();
    this.#inFlight += 1;
    const answer = await this.#send(attempt);
    const endedMs = clock.monotonicMs();
    const tookMs = endedMs - startedMs;
    if (answer.kind === 'reply' || answer.from === 'peer') this.#lastAnsweredMs = endedMs;
    const hasAnswered = this.#lastAnsweredMs > startedMs;
    const outcome = circuitOutcome(answer, attempt.timeoutMs, tookMs, hasAnswered);
    if (permit !== 'refused') this.circuit.report(permit, outcome);
    const code = answer.kind === 'reply' ? 'OK' : answer.error.code;
    observer.attemptEnded?.(service, zone, attempt.method, code, tookMs);
    this.#inFlight -= 1;
    if (this.#isRetired && this.#inFlight === 0) this.close();
    return { answer, outcome };
  }

  /** Closes when the calls under way have ended. What becomes of it is told to nobody any more: its zone may have another. */
  retire(): void {
    const { service, zone } = this.endpoint;
    if (this.circuit.state !== 'closed')
      this.#options.observer.circuitChanged?.(service, zone, 'closed');
    this.#isRetired = true;
    if (this.#inFlight === 0) this.close();
  }

  close(): void {
    this.#small.close();
    this.#big?.close();
    this.circuit.close();
  }

  #send(attempt: Attempt): Promise<LinkAnswer> {
    const link = attempt.bodyText.length > bigBodyChars ? this.#bigLink() : this.#small;
    return link.isUp ? sendOn(link, attempt) : this.#sendWhenUp(link, attempt);
  }

  async #sendWhenUp(link: Link, attempt: Attempt): Promise<LinkAnswer> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    await link.whenUp(Math.min(linkWaitMaxMs, attempt.timeoutMs));
    const waitedMs = clock.monotonicMs() - startedMs;
    // Not up: the link itself says that nothing was sent.
    return sendOn(link, {
      ...attempt,
      timeoutMs: Math.max(1, attempt.timeoutMs - waitedMs),
      remainingMs: attempt.remainingMs - waitedMs,
    });
  }

  #bigLink(): Link {
    this.#big ??= this.#openLink(false);
    return this.#big;
  }

  #openLink(isWatched: boolean): Link {
    const { self, endpoint, secureContext, clock, random, observer, traces, faults } =
      this.#options;
    const open = (): Link =>
      new Link({
        self,
        endpoint,
        secureContext,
        clock,
        random,
        policy: this.#options.link,
        faults,
        onState: (state, reason) => {
          if (isWatched && !this.#isRetired)
            observer.linkChanged?.(endpoint.service, endpoint.zone, state, reason);
        },
      });
    // What a link tells later is no part of the request that happened to need it first.
    return traces === undefined ? open() : traces.join(undefined, open);
  }
}

function sendOn(link: Link, attempt: Attempt): Promise<LinkAnswer> {
  const { method, bodyText, timeoutMs, correlationId, traceparent, deadline } = attempt;
  const headers = {
    method,
    remainingMs: Math.floor(attempt.remainingMs),
    correlationId,
    traceparent,
  };
  return link.call(headers, bodyText, timeoutMs, deadline);
}

function circuitOpen(): LinkAnswer {
  const error = new KmsError('CIRCUIT_OPEN', 'the circuit rejects calls for now');
  return { kind: 'failure', error, from: 'link', wasSent: false };
}

function bulkheadFull(): LinkAnswer {
  const error = new KmsError('OVERLOADED', 'too many calls to the zone are under way');
  return { kind: 'failure', error, from: 'link', wasSent: false };
}
