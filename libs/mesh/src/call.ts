// Calls a service somewhere in the region: zone by zone, within one deadline and one retry budget. The onion of the mesh;
// what a connection is stands in link.ts, what may be retried in retry-rules.ts.
import { createSecureContext } from 'node:tls';
import {
  assert,
  hopCostMs,
  KmsError,
  type Clock,
  type FaultPort,
  type Random,
} from '@zonehold/primitives';
import { backoffMs } from './backoff.ts';
import {
  Balancer,
  balancerPolicyDefaults,
  type BalancerPolicy,
  type ZoneDrain,
} from './balancer.ts';
import { balancerEvents } from './balancer-events.ts';
import { FailedAttempts } from './call-failure.ts';
import type { CircuitState } from './circuit.ts';
import { asDiscovery, type Discovery, type DiscoverySnapshot } from './discovery.ts';
import { exceedsFrame } from './frame-codec.ts';
import { linkPolicyDefaults, type LinkAnswer, type LinkPolicy } from './link.ts';
import { nextZone, type ZoneChoice } from './locality.ts';
import type { Member } from './member.ts';
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
import {
  callTimeMinMs,
  Retries,
  retryPolicyDefaults,
  type FailedAnswer,
  type RetryPolicy,
} from './retry-policy.ts';
import { Target, type Attempt } from './target.ts';
import { adoptEndpoints, targetsOf } from './targets.ts';

export interface MeshPolicy extends RetryPolicy {
  /** Between two attempts in the same zone. Another zone is tried at once. */
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  readonly balancer: BalancerPolicy;
  readonly link: LinkPolicy;
  readonly circuit: CircuitPolicy;
  /** Calls under way to one endpoint, the bulkhead (docs/mesh.md): one more fails at once, or goes to another zone. No queue. */
  readonly inFlightMax: number;
}

/** Mesh reference B4. */
export const meshPolicyDefaults: MeshPolicy = {
  ...retryPolicyDefaults,
  backoff: { baseMs: 25, maxMs: 250 },
  balancer: balancerPolicyDefaults,
  link: linkPolicyDefaults,
  circuit: circuitPolicyDefaults,
  inFlightMax: 256,
};

export interface MeshClientOptions {
  readonly self: ServiceIdentity;
  /** Where services listen, followed when it changes; only those of services that are called are ever connected to. */
  readonly endpoints: readonly Endpoint[] | Discovery;
  /** Services to connect to at once. Others are connected to with their first call. */
  readonly services?: readonly ServiceName[];
  readonly tls: TlsIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer?: Partial<ClientObserver>;
  /** Without it calls carry no trace. */
  readonly traces?: TraceCarrier;
  /** What is to go wrong on purpose (docs/faults.md). Without it nothing is asked. */
  readonly faults?: FaultPort | undefined;
  readonly policy?: Partial<MeshPolicy>;
}

/** What a client sees of one service in one zone. */
export interface TargetStanding {
  readonly service: ServiceName;
  readonly zone: string;
  readonly isLinkUp: boolean;
  readonly circuit: CircuitState;
  readonly isEjected: boolean;
}

export interface WatchableMeshClient extends MeshClient {
  /** Links and circuits as they are now; for readiness and for people. */
  standing(): TargetStanding[];
  /** Keeps calls away from these zones, and no others, each until its time (`Balancer.drain`). Calls that name their zone go on. */
  drain(drains: readonly ZoneDrain[]): void;
}

/** Starts to connect and returns at once. Throws when the PEM texts are no good. */
export function createMeshClient(options: MeshClientOptions): WatchableMeshClient {
  return new Client(options);
}

class Client implements WatchableMeshClient {
  readonly #options: MeshClientOptions;
  readonly #policy: MeshPolicy;
  readonly #observer: Partial<ClientObserver>;
  readonly #secureContext;
  readonly #balancers = new Map<ServiceName, Balancer<Target>>();
  readonly #retries: Retries<ServiceName>;
  readonly #unwatch: () => void;
  #snapshot: DiscoverySnapshot;
  #drains: readonly ZoneDrain[] = [];
  #isClosed = false;

  constructor(options: MeshClientOptions) {
    this.#options = options;
    this.#policy = { ...meshPolicyDefaults, ...options.policy };
    this.#observer = options.observer ?? {};
    this.#secureContext = createSecureContext({ ...options.tls, minVersion: 'TLSv1.3' });
    this.#retries = new Retries(this.#policy, options.clock);
    const discovery = asDiscovery(options.endpoints);
    this.#snapshot = discovery.snapshot;
    this.#unwatch = discovery.watch((snapshot) => this.#adopt(snapshot));
    for (const service of options.services ?? []) this.#balancerOf(service);
  }

  /**
   * Makes up to three attempts, each in another zone if there is one, and gives the first reply. Rejects with the CallFailure of
   * the last attempt; its outcome is `unknown` when any attempt may have been applied.
   */
  async call<Reply>(
    service: ServiceName,
    method: string,
    body: unknown,
    options: CallOptions,
  ): Promise<CallResult<Reply>> {
    const balancer = this.#balancerOf(service);
    const bodyText = body === undefined ? 'null' : JSON.stringify(body);
    if (exceedsFrame(bodyText))
      throw new KmsError('INVALID_ARGUMENT', 'the request is too large for a frame');
    this.#retries.called();
    const traceparent = this.#options.traces?.outgoing();
    const tried: Member<Target>[] = [];
    const failed = new FailedAttempts();
    for (;;) {
      // Anew for each attempt: endpoints come and go.
      const members = membersIn(balancer, options.zone);
      if (members.length === 0) throw failed.nowhere(service);
      const choice = this.#choose(balancer, members, tried, options);
      const remainingMs = options.deadline.remainingMs();
      if (options.deadline.isCancelled) throw failed.nobodyWaits();
      if (remainingMs < callTimeMinMs) throw failed.outOfTime();
      tried.push(choice.candidate);
      const timeoutMs = this.#retries.attemptTimeoutMs(
        remainingMs,
        tried.length,
        members.length,
        options,
      );
      const attempt = {
        ...{ method, bodyText, traceparent, timeoutMs, deadline: options.deadline },
        correlationId: options.correlationId ?? '',
      };
      const answer = await this.#attempt(balancer, choice, attempt, tried.length, options);
      if (answer.kind === 'reply') {
        const { zone } = choice.candidate;
        return { reply: answer.body as Reply, zone, attempts: tried.length };
      }
      failed.add(choice.candidate.zone, answer.error);
      if (!this.#continues(service, answer, tried.length, options))
        throw failed.final(answer.error);
      if (tried.length >= members.length) {
        // Full everywhere: to wait for a place would be a queue.
        if (!answer.wasSent && answer.error.code === 'OVERLOADED') throw failed.final(answer.error);
        await this.#backOff(tried.length, options);
      }
      this.#observer.retried?.(service, answer.error.code);
    }
  }

  standing(): TargetStanding[] {
    return [...this.#balancers.values()]
      .flatMap(({ members }) => members)
      .map(({ endpoint: { endpoint, isUp, circuit }, isEjected }) => ({
        service: endpoint.service,
        zone: endpoint.zone,
        isLinkUp: isUp,
        circuit: circuit.state,
        isEjected,
      }));
  }

  drain(drains: readonly ZoneDrain[]): void {
    this.#drains = drains;
    const nowMs = this.#options.clock.monotonicMs();
    for (const balancer of this.#balancers.values()) balancer.drain(drains, nowMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unwatch();
    for (const { members } of this.#balancers.values())
      for (const { endpoint } of members) endpoint.close();
  }

  #balancerOf(service: ServiceName): Balancer<Target> {
    assert(!this.#isClosed, 'a closed mesh client makes no calls');
    return this.#balancers.get(service) ?? this.#connect(service);
  }

  #connect(service: ServiceName): Balancer<Target> {
    const { self, clock, random } = this.#options;
    const balancer = new Balancer({
      ownZone: self.zone,
      endpoints: targetsOf(service, this.#snapshot.endpoints, this.#open),
      random,
      policy: this.#policy.balancer,
      observer: balancerEvents(service, self.zone, this.#observer),
    });
    balancer.drain(this.#drains, clock.monotonicMs());
    this.#balancers.set(service, balancer);
    return balancer;
  }

  readonly #open = (endpoint: Endpoint): Target => {
    const { self, clock, random, traces, faults } = this.#options;
    const { link, circuit, inFlightMax } = this.#policy;
    return new Target({
      ...{ self, endpoint, clock, random, traces, faults, link, circuit, inFlightMax },
      ...{ observer: this.#observer, secureContext: this.#secureContext },
    });
  };

  /** Older snapshots are late messages: what they say is no longer true. */
  #adopt(snapshot: DiscoverySnapshot): void {
    if (this.#isClosed || snapshot.version <= this.#snapshot.version) return;
    this.#snapshot = snapshot;
    const nowMs = this.#options.clock.monotonicMs();
    const how = { open: this.#open, nowMs, observer: this.#observer };
    for (const [service, balancer] of this.#balancers)
      adoptEndpoints(balancer, service, snapshot.endpoints, how);
  }

  #choose(
    balancer: Balancer<Target>,
    members: readonly Member<Target>[],
    tried: readonly Member<Target>[],
    options: CallOptions,
  ): ZoneChoice<Member<Target>> {
    if (options.zone === undefined) {
      const choice = balancer.choose(tried, this.#options.clock.monotonicMs());
      if (choice.isPanic) this.#observer.panicked?.(choice.candidate.endpoint.endpoint.service);
      return choice;
    }
    // A caller who names the zone wants just that one: no panic, however it looks.
    const choice = nextZone(members, this.#options.self.zone, tried, 0);
    assert(choice !== undefined, 'there is a target to choose');
    return choice;
  }

  /** One attempt, and what balancer and retries learn from it. A call to a named zone is a probe: it teaches the circuit only. */
  async #attempt(
    balancer: Balancer<Target>,
    { candidate, isPanic }: ZoneChoice<Member<Target>>,
    attempt: Omit<Attempt, 'remainingMs' | 'isPanic'>,
    number: number,
    { zone }: CallOptions,
  ): Promise<LinkAnswer> {
    const { clock } = this.#options;
    const target = candidate.endpoint;
    const startedMs = clock.monotonicMs();
    if (zone === undefined) balancer.began(candidate);
    const remainingMs = attempt.timeoutMs - hopCostMs;
    const { answer, outcome } = await target.call({ ...attempt, remainingMs, isPanic });
    if (zone !== undefined) return answer;
    const endedMs = clock.monotonicMs();
    const tookMs = endedMs - startedMs;
    balancer.ended(candidate, outcome, tookMs, endedMs);
    // Whoever leaves says nothing about whether trying again helps.
    const isTold = answer.kind === 'reply' || (answer.wasSent && answer.error.code !== 'CANCELLED');
    this.#retries.learned(target.endpoint.service, outcome, number, isTold);
    return answer;
  }

  #continues(
    service: ServiceName,
    answer: FailedAnswer,
    attempt: number,
    { retry, deadline }: CallOptions,
  ): boolean {
    const remainingMs = deadline.remainingMs();
    const verdict = this.#retries.verdict(service, answer, attempt, retry, remainingMs);
    if (verdict === 'unaffordable') this.#observer.retryBudgetExhausted?.(service);
    return verdict === 'retry';
  }

  async #backOff(attempts: number, { deadline }: CallOptions): Promise<void> {
    const waitMs = backoffMs(this.#policy.backoff, attempts - 1, this.#options.random);
    await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, deadline.remainingMs())));
  }
}

function membersIn(
  { members }: Balancer<Target>,
  zone: string | undefined,
): readonly Member<Target>[] {
  return zone === undefined ? members : members.filter((member) => member.zone === zone);
}
