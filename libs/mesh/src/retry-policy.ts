// How long an attempt may take, and whether a failed one is followed by another: the code's rule, the caller's leave, time, budget and
// tokens together. Pure but for the budget's clock; production and the simulated mesh run this same code.
import { hopCostMs, type Clock, type KmsErrorCode } from '@zonehold/primitives';
import type { CircuitOutcome } from './circuit.ts';
import type { LinkAnswer } from './link.ts';
import type { CallOptions } from './ports.ts';
import { RetryBudget, retryBudgetDefaults, type RetryBudgetPolicy } from './retry-budget.ts';
import { mayRetry } from './retry-rules.ts';
import { RetryTokens, retryTokenDefaults, type RetryTokenPolicy } from './retry-tokens.ts';

export interface RetryPolicy {
  readonly attemptsMax: number;
  /** What one attempt may take while another zone could still be tried: with the retry a hung zone costs under 1 s. */
  readonly attemptTimeoutMs: number;
  readonly retryBudget: RetryBudgetPolicy;
  readonly retryTokens: RetryTokenPolicy;
}

/** Mesh reference B4. */
export const retryPolicyDefaults: RetryPolicy = {
  attemptsMax: 3,
  attemptTimeoutMs: 700,
  retryBudget: retryBudgetDefaults,
  retryTokens: retryTokenDefaults,
};

/** Below this, neither side would do anything useful with a call. */
export const callTimeMinMs = 10 + hopCostMs;

/** No link, or no place left: said by this side. */
const unsentCodes: readonly KmsErrorCode[] = ['LINK_LOST', 'OVERLOADED'];

export type FailedAnswer = Extract<LinkAnswer, { kind: 'failure' }>;

/** `final`: the failure stands. `unaffordable`: it would be repeated, had the client not repeated too much already. */
export type RetryVerdict = 'retry' | 'final' | 'unaffordable';

/** The retries of one client: one budget for all it calls, tokens for each service. */
export class Retries<Service> {
  readonly #policy: RetryPolicy;
  readonly #budget: RetryBudget;
  readonly #tokens = new Map<Service, RetryTokens>();

  constructor(policy: RetryPolicy, clock: Clock) {
    this.#policy = policy;
    this.#budget = new RetryBudget(policy.retryBudget, clock);
  }

  /** A call begins. */
  called(): void {
    this.#budget.called();
  }

  /** All the time there is, unless another zone could use the rest better. `attempt` counts from 1. */
  attemptTimeoutMs(
    remainingMs: number,
    attempt: number,
    endpoints: number,
    {
      retry,
      attemptTimeoutMs = this.#policy.attemptTimeoutMs,
    }: Pick<CallOptions, 'retry' | 'attemptTimeoutMs'>,
  ): number {
    const { attemptsMax } = this.#policy;
    const hasOther = attempt < Math.min(endpoints, attemptsMax);
    return retry === 'always' && hasOther ? Math.min(remainingMs, attemptTimeoutMs) : remainingMs;
  }

  /** Attempt number `attempt` ended; `outcome` as the circuit is told it. Failures of this side say nothing. */
  learned(service: Service, outcome: CircuitOutcome, attempt: number, wasSent: boolean): void {
    if (outcome === 'success') this.#tokensOf(service).succeeded();
    else if (attempt > 1 && wasSent) this.#tokensOf(service).retryFailed();
  }

  /** What follows the failure of attempt number `attempt`. A retry is paid for here. */
  verdict(
    service: Service,
    answer: FailedAnswer,
    attempt: number,
    retry: CallOptions['retry'],
    remainingMs: number,
  ): RetryVerdict {
    if (attempt >= this.#policy.attemptsMax || !mayRetry(answer, retry)) return 'final';
    if (remainingMs < callTimeMinMs) return 'final';
    // What never left this process is no load on anyone: budget and tokens are for what was sent.
    if (!answer.wasSent && unsentCodes.includes(answer.error.code)) return 'retry';
    return this.#tokensOf(service).mayRetry && this.#budget.take() ? 'retry' : 'unaffordable';
  }

  #tokensOf(service: Service): RetryTokens {
    let tokens = this.#tokens.get(service);
    if (tokens === undefined) {
      tokens = new RetryTokens(this.#policy.retryTokens);
      this.#tokens.set(service, tokens);
    }
    return tokens;
  }
}
