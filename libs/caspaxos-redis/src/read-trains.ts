// Reads of one zone travel in trains: all reads of an event-loop turn leave together as one native
// MULTI; HMGET configuration; HMGET register ...; EXEC. Decides nothing about quorums; hands each call its replies.
import {
  zeroBallot,
  type Accepted,
  type ReadReply,
  type RegisterId,
  type SignedConfiguration,
  type Stamp,
} from '@zonehold/caspaxos';
import { SlotTable } from '@zonehold/primitives';
import type { RedisLink, Swept } from './redis-link.ts';
import { configurationKey, registerKey } from './redis-keys.ts';
import { isFields, transactionOf, type Fields } from './reply-shapes.ts';

/**
 * Who comes while a train is under way rides the next one: longer trains cost less (10 % more wraps a second than with two under way,
 * p99 the same), and the price is at most one more round trip to a zone.
 */
const trainsInFlightMax = 1;

/** Registers in one train: about 2 MiB of replies at 2 KiB each, so that no train holds up the next for long. */
const trainRegistersMax = 1_000;

/** Registers waiting or under way. Above it the zone counts as failed at once: it is not keeping up. */
const waitingRegistersMax = 20_000;

/** What the first member of every train says of the acceptor. */
export interface TrainHeader {
  readonly self: string | null;
  readonly stamp: string | null;
  readonly seq: string | null;
}

/** Judges a train's header for a call; undefined lets the call have its registers. */
export type HeaderJudge = (
  header: TrainHeader,
  stamp: Stamp,
) => ReadReply | 'stale-epoch' | undefined;

export interface TrainEvents {
  judge: HeaderJudge;
  /** The acceptor's configuration, for a call that was refused for its stamp. */
  fetchConfiguration(timeoutMs: number): Promise<SignedConfiguration | undefined>;
  /** An error reply came instead of a train. */
  failed(error: Error): void;
}

interface ReadCall {
  readonly ids: readonly RegisterId[];
  readonly stamp: Stamp;
  readonly deadlineMs: number;
  readonly resolve: (replies: readonly ReadReply[]) => void;
  /** Where each of `ids` sits in its train; filled when the train leaves. */
  seats: number[];
  isSettled: boolean;
}

const nothingAccepted: ReadReply = {
  kind: 'state',
  accepted: { ballot: zeroBallot, payload: '', mac: '' },
};

const malformed = {
  kind: 'unreachable',
  wasSent: true,
  reason: 'the reply has not the shape of a train',
} as const satisfies ReadReply;

export class ReadTrains implements Swept {
  readonly #link: RedisLink;
  readonly #events: TrainEvents;
  #waiting: ReadCall[] = [];
  readonly #underWay = new SlotTable<readonly ReadCall[]>();
  #registers = 0;

  constructor(link: RedisLink, events: TrainEvents) {
    this.#link = link;
    this.#events = events;
    link.addSwept(this);
  }

  get isFull(): boolean {
    return this.#registers >= waitingRegistersMax;
  }

  /** Joins the next train. The caller asks for departure at the end of the turn. */
  board(
    ids: readonly RegisterId[],
    stamp: Stamp,
    deadlineMs: number,
  ): Promise<readonly ReadReply[]> {
    return new Promise((resolve) => {
      this.#waiting.push({ ids, stamp, deadlineMs, resolve, seats: [], isSettled: false });
      this.#registers += ids.length;
      this.#link.keepSweeping();
    });
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Sends what waits, unless a train is under way: then it leaves when that one is back. */
  depart(): void {
    while (
      this.#waiting.length > 0 &&
      this.#underWay.size < trainsInFlightMax &&
      this.#link.isReady
    ) {
      this.#sendTrain();
    }
  }

  /** Fails everything that waits or is under way. */
  failAll(reason: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) this.#fail(call, true, reason);
    this.#underWay.forEach((calls) => {
      for (const call of calls) this.#fail(call, true, reason);
    });
  }

  isIdle(): boolean {
    return this.#waiting.length === 0 && this.#underWay.size === 0;
  }

  sweep(nowMs: number): void {
    let anyLate = false;
    for (const call of this.#waiting) anyLate = this.#expire(call, nowMs, false) || anyLate;
    if (anyLate) this.#waiting = this.#waiting.filter((call) => !call.isSettled);
    this.#underWay.forEach((calls) => {
      for (const call of calls) this.#expire(call, nowMs, true);
    });
  }

  #expire(call: ReadCall, nowMs: number, wasSent: boolean): boolean {
    if (call.isSettled || nowMs < call.deadlineMs) return false;
    this.#fail(call, wasSent, 'no answer in time');
    return true;
  }

  #sendTrain(): void {
    const seatOf = new Map<string, number>();
    let count = 0;
    for (const call of this.#waiting) {
      if (count > 0 && seatOf.size + call.ids.length > trainRegistersMax) break;
      count += 1;
      call.seats = call.ids.map((id) => takeSeat(seatOf, registerKey(id)));
    }
    const calls = this.#waiting.splice(0, count);
    const id = this.#underWay.put(calls);
    this.#link.together(() => {
      this.#link.sendUnheard('multi', []);
      this.#link.sendUnheard('hmget', [configurationKey, 'self', 'stamp', 'seq']);
      for (const key of seatOf.keys()) this.#link.sendUnheard('hmget', [key, 'a', 'v', 'm']);
      this.#link.send('exec', [], {
        settle: (error, reply, isLost) => this.#arrive(id, seatOf.size, error, reply, isLost),
      });
    });
  }

  #arrive(id: number, seats: number, error: Error | null, reply: unknown, isLost: boolean): void {
    const calls = this.#underWay.take(id) ?? [];
    const train = error === null ? transactionOf(reply, 1 + seats) : undefined;
    if (train === undefined) {
      const reason = error?.message ?? malformed.reason;
      for (const call of calls) this.#fail(call, true, reason);
      if (!isLost) this.#events.failed(new Error(reason));
    } else {
      this.#unload(calls, train.header, train.rows);
    }
    this.depart();
  }

  #unload(
    calls: readonly ReadCall[],
    [self = null, stamp = null, seq = null]: Fields,
    rows: readonly unknown[],
  ): void {
    const header = { self, stamp, seq };
    const replies = rows.map(toReply);
    for (const call of calls) {
      if (call.isSettled) continue;
      const refusal = this.#events.judge(header, call.stamp);
      if (refusal === undefined) {
        this.#settle(
          call,
          call.seats.map((seat) => replies[seat] ?? malformed),
        );
      } else if (refusal === 'stale-epoch') {
        void this.#showConfiguration(call);
      } else {
        this.#settle(
          call,
          call.ids.map(() => refusal),
        );
      }
    }
  }

  /** Refuses for the epoch, with the configuration that the acceptor holds: so that the caller can follow it. */
  async #showConfiguration(call: ReadCall): Promise<void> {
    const configuration = await this.#events.fetchConfiguration(configurationTimeoutMs);
    const refusal: ReadReply = {
      kind: 'refused',
      standing: 'stale-epoch',
      reason: 'the message was made under another configuration',
      ...(configuration && { configuration }),
    };
    this.#settle(
      call,
      call.ids.map(() => refusal),
    );
  }

  #fail(call: ReadCall, wasSent: boolean, reason: string): void {
    const reply: ReadReply = { kind: 'unreachable', wasSent, reason };
    this.#settle(
      call,
      call.ids.map(() => reply),
    );
  }

  #settle(call: ReadCall, replies: readonly ReadReply[]): void {
    if (call.isSettled) return;
    call.isSettled = true;
    this.#registers -= call.ids.length;
    call.resolve(replies);
  }
}

/** One small read on a link that has just answered. */
const configurationTimeoutMs = 300;

function takeSeat(seatOf: Map<string, number>, key: string): number {
  let seat = seatOf.get(key);
  if (seat === undefined) seatOf.set(key, (seat = seatOf.size));
  return seat;
}

function toReply(row: unknown): ReadReply {
  if (!isFields(row) || row.length !== 3) return malformed;
  const [ballot = null, payload = null, mac = null] = row;
  if (ballot === null) return nothingAccepted;
  const accepted: Accepted = { ballot, payload: payload ?? '', mac: mac ?? '' };
  return { kind: 'state', accepted };
}
