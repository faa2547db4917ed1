// The shape of one row of the operation table. No rows here.
import type { Right } from '@zonehold/key-domain';

/** HTTP methods the contract uses. */
export type OperationMethod = 'HEAD' | 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What an operation does to the region: only `changes` need a Paxos round; `crypto` needs a crypto-worker. */
export type OperationEffect = 'reads' | 'changes' | 'crypto';

/** One operation of the contract (reference §4). */
export interface OperationRowShape {
  readonly method: OperationMethod;
  /** Absolute, express 5 style. Parameters: `keyRef` (key id or alias), `adapterRef`, `subRef` (the other one). */
  readonly path: string;
  readonly successStatus: number;
  /** With `Prefer: return=representation`, where that changes the status. */
  readonly representationStatus?: number;
  readonly auditAction: string;
  /** What the caller needs on the key, the ring or the instance. */
  readonly right: Right;
  readonly effect: OperationEffect;
  /** False: answered with NOT_IMPLEMENTED_ERR until its issue. */
  readonly isImplemented: boolean;
  /** Users get SERVICE_ONLY_ERR. */
  readonly isServiceOnly?: boolean;
  /** What failed, for `errorBody` (reference §3.1). */
  readonly failurePhrase: string;
}
