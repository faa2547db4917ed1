// Calls a service somewhere in the region: zone by zone, within one deadline and one retry budget. The onion of the mesh;
// what a connection is stands in link.ts, what may be retried in retry-rules.ts.
import { createSecureContext } from 'node:tls';
import { assert, hopCostMs, KmsError, type Clock, type Random } from '@zonehold/primitives';
import { backoffMs } from './backoff.ts';
import type { CircuitState } from './circuit.ts';
import { exceedsFrame } from './frame-codec.ts';
import { linkPolicyDefaults, type LinkAnswer, type LinkPolicy } from './link.ts';
import { nextZone, ownZoneFirst } from './locality.ts';
import type { ClientObserver } from './observer.ts';
import { circuitPolicyDefaults, type CircuitPolicy } from './opossum-circuit.ts';
import type {
  CallOptions,
  CallResult,
  Endpoint,
  MeshClient,
  ServiceIdentity,
  ServiceName,
  TlsIdentity,
  TraceCarrier,
} from './ports.ts';
import { RetryBudget, retryBudgetDefaults, type RetryBudgetPolicy } from './retry-budget.ts';
import { mayRetry } from './retry-rules.ts';
import { Target } from './target.ts';

export interface MeshPolicy {
  readonly attemptsMax: number;
  /** What one attempt may take while another zone could still be tried: with the retry a hung zone costs under 1 s. */
  readonly attemptTimeoutMs: number;
  /** Between two attempts in the same zone. Another zone is tried at once. */
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  readonly retryBudget: RetryBudgetPolicy;
  readonly link: LinkPolicy;
  readonly circuit: CircuitPolicy;
}

/** Mesh reference B4. */
export const meshPolicyDefaults: MeshPolicy = {
  attemptsMax: 3,
  attemptTimeoutMs: 700,
  backoff: { baseMs: 25, maxMs: 250 },
  retryBudget: retryBudgetDefaults,
  link: linkPolicyDefaults,
  circuit: circuitPolicyDefaults,
};

export interface MeshClientOptions {
  readonly self: ServiceIdentity;
  /** Where services listen; only those of services that are called are ever connected to. */
  readonly endpoints: readonly Endpoint[];
  /** Services to connect to at once. Others are connected to with their first call. */
  readonly services?: readonly ServiceName[];
  readonly tls: TlsIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer?: Partial<ClientObserver>;
  /** Without it calls carry no trace. */
  readonly traces?: TraceCarrier;
  readonly policy?: Partial<MeshPolicy>;
}

/** What a client sees of one service in one zone. */
export interface TargetStanding {
  readonly service: ServiceName;
  readonly zone: string;
  readonly isLinkUp: boolean;
  readonly circuit: CircuitState;
}

export interface WatchableMeshClient extends MeshClient {
  /** Links and circuits as they are now; for readiness and for people. */
  standing(): TargetStanding[];
}

/** Starts to connect and returns at once. Throws when the PEM texts are no good. */
export function createMeshClient(options: MeshClientOptions): WatchableMeshClient {
  return new Client(options);
}

/** Below this, neither side would do anything useful with a call. */
const callTimeMinMs = 10 + hopCostMs;

class Client implements WatchableMeshClient {
  readonly #options: MeshClientOptions;
  readonly #policy: MeshPolicy;
  readonly #observer: Partial<ClientObserver>;
  readonly #secureContext;
  readonly #targets = new Map<ServiceName, readonly Target[]>();
  readonly #budget: RetryBudget;
  #rotation = 0;
  #isClosed = false;

  constructor(options: MeshClientOptions) {
    this.#options = options;
    this.#policy = { ...meshPolicyDefaults, ...options.policy };
    this.#observer = options.observer ?? {};
    this.#secureContext = createSecureContext({ ...options.tls, minVersion: 'TLSv1.3' });
    this.#budget = new RetryBudget(this.#policy.retryBudget, options.clock);
    for (const service of options.services ?? []) this.#targetsOf(service);
  }

  /**
   * Makes up to three attempts, each in another zone if there is one, and gives the first reply. Rejects with the KmsError of
   * the last attempt; its outcome is `unknown` when any attempt may have been applied.
   */
  async call<Reply>(
    service: ServiceName,
    method: string,
    body: unknown,
    options: CallOptions,
  ): Promise<CallResult<Reply>> {
    const targets = this.#targetsOf(service, options.zone);
    const bodyText = body === undefined ? 'null' : JSON.stringify(body);
    if (exceedsFrame(bodyText))
      throw new KmsError('INVALID_ARGUMENT', 'the request is too large for a frame');
    this.#budget.called();
    const traceparent = this.#options.traces?.outgoing();
    const tried: Target[] = [];
    let mayBeApplied = false;
    for (;;) {
      const target = this.#choose(targets, tried, options);
      const remainingMs = options.deadline.remainingMs();
      if (remainingMs < callTimeMinMs) throw outOfTime(mayBeApplied);
      tried.push(target.candidate);
      const timeoutMs = this.#attemptTimeoutMs(
        remainingMs,
        tried.length,
        targets.length,
        options.retry,
      );
      const answer = await target.candidate.call({
        method,
        bodyText,
        correlationId: options.correlationId ?? '',
        traceparent,
        timeoutMs,
        remainingMs: timeoutMs - hopCostMs,
        isPanic: target.isPanic,
      });
      if (answer.kind === 'reply') {
        return { reply: answer.body as Reply, zone: target.candidate.zone, attempts: tried.length };
      }
      mayBeApplied ||= answer.error.outcome === 'unknown';
      if (!this.#continues(service, answer, tried.length, options))
        throw finalError(answer.error, mayBeApplied);
      if (tried.length >= targets.length) await this.#backOff(tried.length, options);
      this.#observer.retried?.(service, answer.error.code);
    }
  }

  standing(): TargetStanding[] {
    return [...this.#targets.values()].flat().map(({ endpoint, isUp, circuit }) => ({
      service: endpoint.service,
      zone: endpoint.zone,
      isLinkUp: isUp,
      circuit: circuit.state,
    }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const targets of this.#targets.values()) for (const target of targets) target.close();
  }

  #targetsOf(service: ServiceName, zone?: string): readonly Target[] {
    assert(!this.#isClosed, 'a closed mesh client makes no calls');
    const all = this.#targets.get(service) ?? this.#connect(service);
    const targets = zone === undefined ? all : all.filter((target) => target.zone === zone);
    if (targets.length === 0)
      throw new KmsError('UNAVAILABLE', `${service} is nowhere to be found`);
    return targets;
  }

  #connect(service: ServiceName): readonly Target[] {
    const { self, clock, random, endpoints, traces } = this.#options;
    const { link, circuit } = this.#policy;
    const targets = endpoints
      .filter((endpoint) => endpoint.service === service)
      .map(
        (endpoint) =>
          new Target({
            self,
            endpoint,
            secureContext: this.#secureContext,
            clock,
            random,
            observer: this.#observer,
            traces,
            link,
            circuit,
          }),
      );
    const ordered = ownZoneFirst(targets, self.zone);
    this.#targets.set(service, ordered);
    return ordered;
  }

  #choose(targets: readonly Target[], tried: readonly Target[], options: CallOptions) {
    this.#rotation = (this.#rotation + 1) & 0xffff;
    const choice = nextZone(targets, this.#options.self.zone, tried, this.#rotation);
    assert(choice !== undefined, 'there is a target to choose');
    // A caller who names the zone wants just that one: no panic, however it looks.
    if (choice.isPanic && options.zone === undefined)
      this.#observer.panicked?.(choice.candidate.endpoint.service);
    return choice;
  }

  /** All the time there is, unless another zone could use the rest better. */
  #attemptTimeoutMs(
    remainingMs: number,
    attempt: number,
    zones: number,
    retry: CallOptions['retry'],
  ): number {
    const hasOtherZone = attempt < Math.min(zones, this.#policy.attemptsMax);
    return retry === 'always' && hasOtherZone
      ? Math.min(remainingMs, this.#policy.attemptTimeoutMs)
      : remainingMs;
  }

  #continues(
    service: ServiceName,
    answer: Extract<LinkAnswer, { kind: 'failure' }>,
    attempts: number,
    options: CallOptions,
  ): boolean {
    if (attempts >= this.#policy.attemptsMax || !mayRetry(answer, options.retry)) return false;
    if (options.deadline.remainingMs() < callTimeMinMs) return false;
    // What never left this process is no load on anyone: the budget is for what was sent.
    if (!answer.wasSent && answer.error.code === 'LINK_LOST') return true;
    if (this.#budget.take()) return true;
    this.#observer.retryBudgetExhausted?.(service);
    return false;
  }

  async #backOff(attempts: number, { deadline }: CallOptions): Promise<void> {
    const waitMs = backoffMs(this.#policy.backoff, attempts - 1, this.#options.random);
    await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, deadline.remainingMs())));
  }
}

function outOfTime(mayBeApplied: boolean): KmsError {
  return new KmsError('DEADLINE_EXCEEDED', 'too little time was left for a call', {
    outcome: mayBeApplied ? 'unknown' : 'not-applied',
  });
}

/** An attempt that was refused does not undo one before it that may have been applied. */
function finalError(error: KmsError, mayBeApplied: boolean): KmsError {
  if (!mayBeApplied || error.outcome === 'unknown') return error;
  return new KmsError(error.code, error.message, { outcome: 'unknown', cause: error });
}
