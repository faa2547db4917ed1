// One attempt to read a set of registers in one round trip: one call to each voter for all of them, settled register by
// register. The hot path: no timer, no closure per register, no copy unless something is wrong.
import type { AcceptorPort, Accepted, ReadReply, RefusedReply, Timers } from './acceptor-port.ts';
import { rowKey } from './acceptor.ts';
import type { Electorate, Membership } from './membership.ts';
import type { StoreObserver } from './observer.ts';
import type { decideRead } from './read-decision.ts';
import type { RegisterId, RegisterState } from './register-store.ts';
import type { Screen } from './screening.ts';

/** What a batch needs from its store; made once per store. */
export interface ReadContext {
  readonly membership: Membership;
  readonly screen: Screen;
  readonly observer: StoreObserver;
  readonly timers: Timers;
  readonly differWaitMs: number;
  readonly decideRead: typeof decideRead;
}

/** Per register a state, or `differ`: the voters answered and only a round can tell. `lost`: no quorum answered. */
export type BatchResult = readonly (RegisterState | 'differ')[] | 'lost';

const silentVoter: ReadReply = {
  kind: 'unreachable',
  wasSent: false,
  reason: 'no port to this zone',
};
const distrusted: RefusedReply = { kind: 'refused', standing: 'foreign', reason: 'forged value' };

/** Reads `ids` once, under one configuration. */
export function readBatch(
  context: ReadContext,
  ids: readonly RegisterId[],
  timeoutMs: number,
): Promise<BatchResult> {
  return new Promise((resolve) => {
    new BatchRead(context, context.membership.electorate(), ids, resolve).start(timeoutMs);
  });
}

class BatchRead {
  readonly #context: ReadContext;
  readonly #electorate: Electorate;
  readonly #ids: readonly RegisterId[];
  readonly #keys: readonly string[];
  readonly #resolve: (result: BatchResult) => void;
  readonly #replies: (readonly ReadReply[] | undefined)[];
  readonly #results: (RegisterState | 'differ' | undefined)[];
  #open: number;
  #answers = 0;
  #isDone = false;
  #cancelWait: (() => void) | undefined;

  constructor(
    context: ReadContext,
    electorate: Electorate,
    ids: readonly RegisterId[],
    resolve: (result: BatchResult) => void,
  ) {
    this.#context = context;
    this.#electorate = electorate;
    this.#ids = ids;
    this.#keys = ids.map(rowKey);
    this.#resolve = resolve;
    this.#replies = electorate.voters.map(() => undefined);
    this.#results = ids.map(() => undefined);
    this.#open = ids.length;
  }

  start(timeoutMs: number): void {
    const { voters, stamp } = this.#electorate;
    for (let voter = 0; voter < voters.length; voter += 1) {
      const port = voters[voter];
      if (port === undefined) {
        this.#receive(
          voter,
          undefined,
          this.#ids.map(() => silentVoter),
        );
      } else {
        void port
          .read(this.#ids, stamp, timeoutMs)
          .then((replies) => this.#receive(voter, port, replies));
      }
    }
  }

  #receive(voter: number, port: AcceptorPort | undefined, replies: readonly ReadReply[]): void {
    if (this.#isDone) return;
    this.#replies[voter] = port === undefined ? replies : this.#screened(port, replies);
    this.#answers += 1;
    if (this.#answers < this.#electorate.quorum) return;
    this.#settle(false);
  }

  /** Decides what can be decided. `isWaitOver`: do not wait for silent voters where answers differ. */
  #settle(isWaitOver: boolean): void {
    const { quorum } = this.#electorate;
    let differing = 0;
    for (let index = 0; index < this.#results.length; index += 1) {
      if (this.#results[index] !== undefined) continue;
      const decision = this.#context.decideRead(this.#replies, index, quorum);
      if (decision === 'lost') {
        this.#finish('lost');
        return;
      }
      if (decision === 'pending') continue;
      if (decision === 'differ' && !isWaitOver) differing += 1;
      else
        this.#close(
          index,
          decision === 'differ' || decision === 'write-back' ? 'differ' : decision,
        );
    }
    if (this.#open === 0) this.#finish(this.#results as (RegisterState | 'differ')[]);
    else if (differing > 0) this.#waitForThird();
  }

  #close(index: number, decision: Accepted | 'differ'): void {
    this.#open -= 1;
    if (decision === 'differ') {
      this.#results[index] = 'differ';
      this.#alarmOnClash(index);
      return;
    }
    const key = this.#keys[index];
    const id = this.#ids[index];
    if (key !== undefined && id !== undefined) {
      this.#results[index] = this.#context.screen.stateOf(key, id, decision);
    }
  }

  #waitForThird(): void {
    this.#cancelWait ??= this.#context.timers.schedule(this.#context.differWaitMs, () => {
      if (!this.#isDone) this.#settle(true);
    });
  }

  #finish(result: BatchResult): void {
    this.#isDone = true;
    this.#cancelWait?.();
    this.#resolve(result);
  }

  /** The replies with forged ones turned into refusals; the same array when all are genuine. */
  #screened(port: AcceptorPort, replies: readonly ReadReply[]): readonly ReadReply[] {
    const { membership, screen } = this.#context;
    let screened = replies;
    for (let index = 0; index < this.#ids.length; index += 1) {
      // A port may answer one refusal for all.
      const reply = replies[index] ?? replies[0] ?? silentVoter;
      if (reply.kind === 'state') {
        const key = this.#keys[index];
        const id = this.#ids[index];
        if (key === undefined || id === undefined) continue;
        if (screen.admit(key, id, reply.accepted, port.zone) !== undefined) continue;
        if (screened === replies) screened = [...replies];
        (screened as ReadReply[])[index] = distrusted;
      } else {
        if (index === 0 && reply.kind === 'refused') membership.learnFrom(reply, port.zone);
        if (replies.length === 1) return this.#ids.map(() => reply);
      }
    }
    return screened;
  }

  /** Two payloads at one ballot: the invariant everything stands on is broken. */
  #alarmOnClash(index: number): void {
    const payloads = new Map<string, string>();
    this.#replies.forEach((replies, voter) => {
      const reply = replies?.[index];
      if (reply?.kind !== 'state') return;
      const { ballot, payload } = reply.accepted;
      const other = payloads.get(ballot);
      if (other !== undefined && other !== payload) {
        this.#context.observer.alarm('clash', this.#electorate.voters[voter]?.zone ?? '-');
      }
      payloads.set(ballot, payload);
    });
  }
}
