// Hands an operation to a key-manager and turns what comes back into an answer. The promise about failures (P6) is kept
// here: never 5xx for a change that may have been applied.
import {
  keyManagerMethods,
  operationRow,
  statusOf,
  type ApiRefusal,
  type OperationName,
  type OperationReply,
  type OperationRequest,
  type OperationRow,
} from '@zonehold/api-contract';
import { CallFailure, type FailedAttempt, type MeshClient } from '@zonehold/mesh';
import {
  Deadline,
  isKmsError,
  type Cancellation,
  type Clock,
  type KmsErrorCode,
} from '@zonehold/primitives';
import { edgeLimits } from '@zonehold/service-host';
import type { Log } from '@zonehold/telemetry';
import type { Answer } from './answer.ts';
import { refusalAnswer } from './error-response.ts';

/** An answer and where it came from; no zone when none answered. */
export interface Forwarded {
  readonly answer: Answer;
  readonly zone?: string;
  /** Absent when no key-manager was asked. */
  readonly attempts?: number;
  /** Where it was tried, when none answered. */
  readonly failed?: readonly FailedAttempt[];
}

export interface ForwarderOptions {
  readonly mesh: MeshClient;
  readonly clock: Clock;
  readonly log: Log;
}

const timeoutByEffect = {
  reads: edgeLimits.requestDeadlineMs,
  crypto: edgeLimits.requestDeadlineMs,
  changes: edgeLimits.changeDeadlineMs,
} as const;

interface Times {
  readonly timeoutMs: number;
  /** Undefined: what the mesh gives every attempt. */
  readonly attemptTimeoutMs?: number;
}
const list: Times = {
  timeoutMs: edgeLimits.listDeadlineMs,
  attemptTimeoutMs: edgeLimits.listAttemptMs,
};

/** Instead of the time of their effect. */
const timesByOperation: Partial<Record<OperationName, Times>> = {
  postImportToken: { timeoutMs: edgeLimits.keyPairDeadlineMs },
  getKeyCollectionMetadata: list,
  getKeys: list,
  getRegistrations: list,
  getRegistrationsAllKeys: list,
  listKeyRings: list,
};

/** What a client is told of a failure that changed nothing. Codes that are not here are bugs of ours: 500. */
const refusalByCode: Partial<Record<KmsErrorCode, ApiRefusal['code']>> = {
  UNAVAILABLE: 'SERVICE_UNAVAILABLE_ERR',
  OUTCOME_UNKNOWN: 'SERVICE_UNAVAILABLE_ERR',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED_ERR',
  // As when this gateway itself has no place left: nothing is broken, there is too much of it.
  OVERLOADED: 'TOO_MANY_REQUESTS_ERR',
  CIRCUIT_OPEN: 'SERVICE_UNAVAILABLE_ERR',
  LINK_LOST: 'SERVICE_UNAVAILABLE_ERR',
  SEALED: 'SERVICE_UNAVAILABLE_ERR',
  // What is stored of the key does not authenticate, or does not open (reference §3.3).
  INTEGRITY: 'INCOMPLETE_METADATA_ERR',
};

export class Forwarder {
  readonly #options: ForwarderOptions;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /**
   * Asks a key-manager, own zone first. Every call may be repeated in another zone: reads and cryptography change nothing,
   * and a change carries its operation id. When `cancellation` comes nothing is tried any more, and the key-manager is told. Never
   * rejects.
   */
  async forward(request: OperationRequest, cancellation: Cancellation): Promise<Forwarded> {
    const { mesh, clock } = this.#options;
    const row = operationRow(request.operation);
    const { timeoutMs, ...attempts } = timesByOperation[request.operation] ?? {
      timeoutMs: timeoutByEffect[row.effect],
    };
    try {
      const {
        reply,
        zone: servedBy,
        attempts: made,
      } = await mesh.call<OperationReply>('key-manager', keyManagerMethods.operation, request, {
        deadline: Deadline.after(clock, timeoutMs, cancellation),
        correlationId: request.correlationId,
        retry: 'always',
        ...attempts,
      });
      return { answer: replyAnswer(reply, row), zone: servedBy, attempts: made };
    } catch (error) {
      const failed = error instanceof CallFailure ? error.failed : [];
      return {
        answer: this.#failureAnswer(error, request, row),
        ...(failed.length === 0 ? {} : { attempts: failed.length, failed }),
      };
    }
  }

  #failureAnswer(error: unknown, request: OperationRequest, row: OperationRow): Answer {
    const isKnown = isKmsError(error);
    const mayBeApplied = row.effect === 'changes' && (!isKnown || error.outcome === 'unknown');
    const code = (isKnown ? refusalByCode[error.code] : undefined) ?? 'INTERNAL_ERR';
    const { operation, correlationId } = request;
    const fields = { operation, correlationId, mayBeApplied, error };
    if (isKnown && error.code === 'CANCELLED') this.#options.log.info('forward.cancelled', fields);
    else if (statusOf({ code }) === 500) this.#options.log.error('forward.failed', fields);
    else this.#options.log.warn('forward.failed', fields);
    return refusalAnswer({ code: mayBeApplied ? 'OUTCOME_UNKNOWN_ERR' : code }, row.failurePhrase);
  }
}

function replyAnswer(reply: OperationReply, row: OperationRow): Answer {
  if (!reply.ok) return refusalAnswer(reply.refusal, row.failurePhrase);
  const { status, body, headers } = reply;
  return {
    status,
    ...(body === undefined || status === 204 ? {} : { body: JSON.stringify(body) }),
    ...(headers === undefined ? {} : { headers: Object.entries(headers).flat() }),
  };
}
