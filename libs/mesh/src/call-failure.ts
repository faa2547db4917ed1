// A call that failed, and where it had been tried: what the last attempt met, with the outcome of all of them together.
import { KmsError, type KmsErrorCode } from '@zonehold/primitives';

/** One attempt that failed. */
export interface FailedAttempt {
  readonly zone: string;
  readonly code: KmsErrorCode;
}

/** What `MeshClient.call` rejects with once it has chosen a zone. */
export class CallFailure extends KmsError {
  /** In the order in which they were made. */
  readonly failed: readonly FailedAttempt[];

  constructor(
    code: KmsErrorCode,
    message: string,
    options: ConstructorParameters<typeof KmsError>[2],
    failed: readonly FailedAttempt[],
  ) {
    super(code, message, options);
    this.failed = failed;
  }
}

/** The attempts of one call that failed so far. */
export class FailedAttempts {
  readonly #failed: FailedAttempt[] = [];
  #mayBeApplied = false;

  add(zone: string, { code, outcome }: KmsError): void {
    this.#failed.push({ zone, code });
    this.#mayBeApplied ||= outcome === 'unknown';
  }

  /** An attempt that was refused does not undo one before it that may have been applied. */
  final(error: KmsError): CallFailure {
    const isOpen = this.#mayBeApplied && error.outcome !== 'unknown';
    const cause: unknown = isOpen ? error : error.cause;
    return this.#failure(error.code, error.message, cause);
  }

  nowhere(service: string): CallFailure {
    return this.#failure('UNAVAILABLE', `${service} is nowhere to be found`);
  }

  outOfTime(): CallFailure {
    return this.#failure('DEADLINE_EXCEEDED', 'too little time was left for a call');
  }

  nobodyWaits(): CallFailure {
    return this.#failure('CANCELLED', 'nobody waits for the answer any more');
  }

  #failure(code: KmsErrorCode, message: string, cause?: unknown): CallFailure {
    const outcome = this.#mayBeApplied ? 'unknown' : 'not-applied';
    return new CallFailure(
      code,
      message,
      cause === undefined ? { outcome } : { outcome, cause },
      this.#failed,
    );
  }
}
