// Do retries help at all? When the whole region is sick or full, a retry only adds load: each retry that failed costs a token, each
// success earns a part of one, and below half of them nothing is repeated (gRPC A6, with failed retries in place of failed calls: a single
// bad zone must not end the retries that hide it). Pure.

export interface RetryTokenPolicy {
  readonly max: number;
  readonly perSuccess: number;
}

/** More than gRPC's ten: when a zone is cut off, its calls come back to a gateway all at once, and a few of their retries find a full queue. */
export const retryTokenDefaults: RetryTokenPolicy = { max: 40, perSuccess: 0.1 };

export class RetryTokens {
  readonly #policy: RetryTokenPolicy;
  #tokens: number;

  constructor(policy: RetryTokenPolicy) {
    this.#policy = policy;
    this.#tokens = policy.max;
  }

  get mayRetry(): boolean {
    return this.#tokens > this.#policy.max / 2;
  }

  succeeded(): void {
    this.#tokens = Math.min(this.#policy.max, this.#tokens + this.#policy.perSuccess);
  }

  retryFailed(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }
}
