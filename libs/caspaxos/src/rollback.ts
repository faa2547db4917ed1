// Finds an acceptor that runs on an older disk than its peers have seen it write. The comparison only: ports gather the
// numbers. It cannot see writes of which no peer and no running process was ever told (P3's documented window).
import type { AcceptorStanding } from './register-store.ts';

/** What is known of one acceptor after it (re)appeared. */
export interface SequenceEvidence {
  /** Its own count now. */
  readonly ownSeq: number;
  /** What this process saw last before the connection changed; 0 for a new process. */
  readonly rememberedSeq: number;
  /** What each peer that answered has on record of it; a peer that could not be asked is missing. */
  readonly peerRecords: readonly number[];
  /** How many peers vote beside it. */
  readonly peerCount: number;
  /** The peers that did not answer had their time. */
  readonly isWaitOver: boolean;
}

/**
 * The standing an acceptor has by its sequence: `rolled-back` below any record of it, `comparing` until at least one
 * peer's record could be compared, else `voter`. A sole voter has nobody to compare with.
 *
 * A process that never followed it waits for all peers, for a while: one that was away itself has an old record, and the
 * one that knows better may only be slower to connect.
 */
export function sequenceStanding(evidence: SequenceEvidence): AcceptorStanding {
  const { ownSeq, rememberedSeq, peerRecords, peerCount, isWaitOver } = evidence;
  if (ownSeq < Math.max(rememberedSeq, 0, ...peerRecords)) return 'rolled-back';
  if (peerRecords.length >= peerCount) return 'voter';
  if (peerRecords.length === 0) return 'comparing';
  return rememberedSeq > 0 || isWaitOver ? 'voter' : 'comparing';
}

/** The highest sequence a process has seen of each acceptor: sent along with every write, kept across connections. */
export class SequenceMemory {
  readonly #seqs: Record<string, number> = {};

  observe(acceptorId: string, seq: number): void {
    const seen = this.#seqs[acceptorId];
    if (seen === undefined || seq > seen) this.#seqs[acceptorId] = seq;
  }

  /** 0 when never seen. */
  of(acceptorId: string): number {
    return this.#seqs[acceptorId] ?? 0;
  }

  /** All of them; the acceptor addressed may be among them. The live object: read it, do not keep it. */
  all(): Readonly<Record<string, number>> {
    return this.#seqs;
  }
}
