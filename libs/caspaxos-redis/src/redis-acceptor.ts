// One zone's acceptor as the proposer sees it (AcceptorPort), over one TLS connection to its Redis. Turns requests into
// trains and script calls, and replies into data; the rules are in Lua, the right to vote in acceptor-gate.ts.
import {
  selfOf,
  type AcceptorIdentity,
  type AcceptorPort,
  type AcceptReply,
  type AcceptRequest,
  type InstallReply,
  type ListReply,
  type ListRequest,
  type PrepareReply,
  type PrepareRequest,
  type ReadReply,
  type RefusedReply,
  type RegisterId,
  type ScanReply,
  type SequenceMemory,
  type SignedConfiguration,
  type Stamp,
  type StampedConfiguration,
  type UnreachableReply,
} from '@zonehold/caspaxos';
import type { Clock, Random } from '@zonehold/primitives';
import { AcceptorGate, recordQuestion, type GateState } from './acceptor-gate.ts';
import { CallQueue, type CallOutcome, type RedisCommand } from './call-queue.ts';
import { listOf, scanOf, type Rows } from './listing.ts';
import type { SequenceRecords } from './integrity-key.ts';
import { ReadTrains, type TrainHeader } from './read-trains.ts';
import { configurationKey } from './redis-keys.ts';
import type { RedisAddress } from './redis-connection.ts';
import { RedisLink } from './redis-link.ts';
import { isFields, isTexts, sequenceOf, transactionOf } from './reply-shapes.ts';
import {
  acceptCommand,
  installCommand,
  prepareCommand,
  toAcceptReply,
  toInstallReply,
  toPrepareReply,
  type Addressee,
  type ScriptReply,
} from './script-calls.ts';

/** How often an open gate looks again: someone may have said CONFIG SET. */
export const gateIntervalMs = 10_000;

export interface RedisAcceptorOptions {
  readonly identity: AcceptorIdentity;
  readonly address: RedisAddress;
  readonly clock: Clock;
  readonly random: Random;
  /** What this process has seen of every acceptor's sequence: one object for all acceptors of a region. */
  readonly memory: SequenceMemory;
  readonly records: SequenceRecords;
  readonly peerCount: number;
  readonly gateIntervalMs?: number;
  /** Asks the other acceptors of the region what they have on record under a name. */
  askPeers(recordName: string, timeoutMs: number): Promise<readonly number[]>;
  standingChanged(state: GateState): void;
  /** The acceptor showed this configuration when it was looked at. */
  configurationShown(configuration: SignedConfiguration): void;
  /** The wall clock of its machine, each time it was looked at. */
  clockShown?(wallMs: number): void;
  /** The acceptor showed a record of a peer that nobody of this region can have written. */
  recordForged(): void;
}

/** The name under which peers record an acceptor's sequence. A rebuilt acceptor counts anew, so the incarnation belongs to it. */
export function recordNameOf({
  acceptorId,
  incarnation,
}: Pick<AcceptorIdentity, 'acceptorId' | 'incarnation'>): string {
  return `${acceptorId}/${incarnation}`;
}

export class RedisAcceptor implements AcceptorPort {
  readonly zone: string;
  readonly self: string;
  readonly #recordName: string;
  readonly #addressee: Addressee;
  readonly #clock: Clock;
  readonly #memory: SequenceMemory;
  readonly #link: RedisLink;
  readonly #calls: CallQueue;
  readonly #trains: ReadTrains;
  readonly #gate: AcceptorGate;
  readonly #records: SequenceRecords;
  readonly #recordForged: () => void;
  readonly #gateTimer: NodeJS.Timeout;
  #isDepartureDue = false;
  #isClosed = false;

  constructor(options: RedisAcceptorOptions) {
    const { identity, clock, memory, records } = options;
    this.zone = identity.zone;
    this.self = selfOf(identity);
    this.#recordName = recordNameOf(identity);
    this.#addressee = {
      self: this.self,
      recordName: this.#recordName,
      seen: memory.all(),
      record: (recordName, seq) => records.sign(recordName, seq),
    };
    this.#records = records;
    this.#recordForged = () => options.recordForged();
    this.#clock = clock;
    this.#memory = memory;
    this.#link = new RedisLink(options.address, clock, options.random, {
      ready: () => this.#gate.connected(),
      lost: (reason) => this.#lost(reason),
    });
    this.#calls = new CallQueue(this.#link);
    this.#trains = new ReadTrains(this.#link, {
      judge: (header, stamp) => this.#judgeTrain(header, stamp),
      fetchConfiguration: (timeoutMs) => this.#fetchConfiguration(timeoutMs),
      failed: () => void this.#gate.look(),
    });
    this.#gate = new AcceptorGate({
      self: this.self,
      recordName: this.#recordName,
      memory,
      peerCount: options.peerCount,
      ask: (commands, timeoutMs) => this.#call(commands, timeoutMs),
      askPeers: (recordName, timeoutMs) => options.askPeers(recordName, timeoutMs),
      changed: (state) => options.standingChanged(state),
      configurationShown: (configuration) => options.configurationShown(configuration),
      clockShown: (wallMs) => options.clockShown?.(wallMs),
    });
    this.#gateTimer = setInterval(() => this.recheck(), options.gateIntervalMs ?? gateIntervalMs);
    this.#gateTimer.unref();
    this.#link.open();
  }

  standing(): GateState {
    const { state } = this.#gate;
    if (this.#link.isReady || state.standing !== 'connecting') return state;
    return { standing: 'connecting', reason: this.#link.lastError };
  }

  /** The run id of the Redis process behind the connection; empty before the first look. */
  get runId(): string {
    return this.#gate.runId;
  }

  /** The configuration the acceptor showed last; undefined before the first look. */
  get configuration(): SignedConfiguration | undefined {
    return this.#gate.configuration;
  }

  /** Has the gate look again, unless there is no connection. */
  recheck(): void {
    if (this.#link.isReady) void this.#gate.look();
  }

  /**
   * What this acceptor has on record under `recordName`; undefined when it cannot be asked or is not the one meant. A forged
   * record counts as none: by leaving it out the acceptor could have said as much.
   */
  async recordOf(recordName: string, timeoutMs: number): Promise<number | undefined> {
    if (!this.#link.isReady) return undefined;
    const outcome = await this.#call([recordQuestion(recordName)], timeoutMs);
    if (outcome.kind !== 'reply' || !isFields(outcome.reply)) return undefined;
    const [self, record] = outcome.reply;
    if (self !== this.self) return undefined;
    if (record === null || record === undefined) return 0;
    const seq = this.#records.verify(recordName, record);
    if (seq === undefined) this.#recordForged();
    return seq ?? 0;
  }

  async read(
    ids: readonly RegisterId[],
    stamp: Stamp,
    timeoutMs: number,
  ): Promise<readonly ReadReply[]> {
    const shut = this.#refuseIfShut() ?? (this.#trains.isFull ? overloaded : undefined);
    if (shut !== undefined) return [shut];
    const replies = this.#trains.board(ids, stamp, this.#clock.monotonicMs() + timeoutMs);
    this.#departThisTurn();
    return replies;
  }

  async prepare(request: PrepareRequest, timeoutMs: number): Promise<PrepareReply> {
    const command = prepareCommand(this.#addressee, request);
    return this.#runScript(command, timeoutMs, toPrepareReply);
  }

  async accept(request: AcceptRequest, timeoutMs: number): Promise<AcceptReply> {
    const command = acceptCommand(this.#addressee, request);
    return this.#runScript(command, timeoutMs, toAcceptReply);
  }

  async install(
    expected: Stamp,
    next: StampedConfiguration,
    timeoutMs: number,
  ): Promise<InstallReply | UnreachableReply> {
    return this.#runScript(installCommand(this.self, expected, next), timeoutMs, toInstallReply);
  }

  async list(request: ListRequest, timeoutMs: number): Promise<ListReply> {
    const endsAtMs = this.#clock.monotonicMs() + timeoutMs;
    return listOf(request, (commands) =>
      this.#readTransaction(commands, request.stamp, endsAtMs - this.#clock.monotonicMs()),
    );
  }

  async scan(namePrefix: string, stamp: Stamp, timeoutMs: number): Promise<ScanReply> {
    const endsAtMs = this.#clock.monotonicMs() + timeoutMs;
    return scanOf(namePrefix, (commands) =>
      this.#readTransaction(commands, stamp, endsAtMs - this.#clock.monotonicMs()),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#gateTimer);
    this.#link.close();
    this.#lost('closed');
  }

  #lost(reason: string): void {
    this.#gate.disconnected(reason);
    this.#trains.failAll(reason);
    this.#calls.failAll(reason);
  }

  #refuseIfShut(): RefusedReply | UnreachableReply | undefined {
    if (!this.#link.isReady) {
      return { kind: 'unreachable', wasSent: false, reason: this.#link.lastError };
    }
    return this.#gate.isOpen ? undefined : { kind: 'refused', ...this.#gate.state };
  }

  /** One flush per event-loop turn: a microtask would make trains of one. */
  #departThisTurn(): void {
    if (this.#isDepartureDue) return;
    this.#isDepartureDue = true;
    setImmediate(() => {
      this.#isDepartureDue = false;
      this.#calls.depart();
      this.#trains.depart();
    });
  }

  #call(commands: readonly RedisCommand[], timeoutMs: number): Promise<CallOutcome> {
    if (this.#isClosed) return Promise.resolve({ kind: 'none', wasSent: false, reason: 'closed' });
    const outcome = this.#calls.add(commands, this.#clock.monotonicMs() + timeoutMs);
    this.#departThisTurn();
    return outcome;
  }

  async #runScript<Reply>(
    command: RedisCommand,
    timeoutMs: number,
    toReply: (reply: ScriptReply) => Reply | undefined,
  ): Promise<Reply | RefusedReply | UnreachableReply> {
    const shut = this.#refuseIfShut() ?? (this.#calls.isFull ? overloaded : undefined);
    if (shut !== undefined) return shut;
    const outcome = await this.#call([command], timeoutMs);
    if (outcome.kind === 'none') return { ...outcome, kind: 'unreachable' };
    if (outcome.kind === 'error') return this.#failed(outcome.message);
    if (!isTexts(outcome.reply)) return this.#failed(malformed);
    const [kind = '', ...rest] = outcome.reply;
    if (kind === 'wiped' || kind === 'foreign') return this.#distrust(kind);
    if (kind !== 'stale-epoch') this.#observe(rest[0] ?? '');
    return toReply([kind, ...rest]) ?? this.#failed(malformed);
  }

  /** A read of anything but registers: header and rows of one moment. */
  async #readTransaction(
    commands: readonly RedisCommand[],
    stamp: Stamp,
    timeoutMs: number,
  ): Promise<Rows | RefusedReply | UnreachableReply> {
    const shut = this.#refuseIfShut() ?? (this.#calls.isFull ? overloaded : undefined);
    if (shut !== undefined) return shut;
    const header: RedisCommand = [
      'hmget',
      configurationKey,
      'self',
      'stamp',
      'seq',
      'config',
      'configMac',
    ];
    const outcome = await this.#call([['multi'], header, ...commands, ['exec']], timeoutMs);
    if (outcome.kind === 'none') return { ...outcome, kind: 'unreachable' };
    if (outcome.kind === 'error') return this.#failed(outcome.message);
    const transaction = transactionOf(outcome.reply, 1 + commands.length);
    if (transaction === undefined) return this.#failed(malformed);
    const [self = null, found = null, seq = null, text = null, mac = null] = transaction.header;
    const refusal = this.#judgeTrain({ self, stamp: found, seq }, stamp);
    if (refusal === undefined) {
      return { kind: 'rows', rows: transaction.rows, seq: sequenceOf(seq) ?? 0 };
    }
    return refusal === 'stale-epoch'
      ? staleEpoch(text && mac ? { text, mac } : undefined)
      : refusal;
  }

  #judgeTrain(header: TrainHeader, stamp: Stamp): RefusedReply | 'stale-epoch' | undefined {
    if (header.self === null) return this.#distrust('wiped');
    if (header.self !== this.self) return this.#distrust('foreign');
    this.#observe(header.seq ?? '0');
    return header.stamp === stamp ? undefined : 'stale-epoch';
  }

  /**
   * Remembers a sequence. Lower than the last is no sign of an old disk here: callbacks of one batch of replies run in
   * their own order. The gate compares, on every connection and every ten seconds, with questions asked in order.
   */
  #observe(seq: string): void {
    const known = sequenceOf(seq);
    if (known !== undefined) this.#memory.observe(this.#recordName, known);
  }

  #distrust(standing: 'wiped' | 'foreign'): RefusedReply {
    const reason = `the acceptor that answered is ${standing}; it takes no part`;
    this.#gate.distrust(standing, reason);
    void this.#gate.look();
    return { kind: 'refused', standing, reason };
  }

  /** An error reply, or nonsense: full memory, lost scripts, lost rights. NOSCRIPT alone is sure to have had no effect. */
  #failed(message: string): UnreachableReply {
    void this.#gate.look();
    return { kind: 'unreachable', wasSent: !message.startsWith('NOSCRIPT'), reason: message };
  }

  async #fetchConfiguration(timeoutMs: number): Promise<SignedConfiguration | undefined> {
    const outcome = await this.#call(
      [['hmget', configurationKey, 'config', 'configMac']],
      timeoutMs,
    );
    if (outcome.kind !== 'reply' || !isFields(outcome.reply)) return undefined;
    const [text = null, mac = null] = outcome.reply;
    return text && mac ? { text, mac } : undefined;
  }
}

const malformed = 'the reply has not the shape that was asked for';

const overloaded: UnreachableReply = {
  kind: 'unreachable',
  wasSent: false,
  reason: 'too many requests wait for this zone already',
};

function staleEpoch(configuration: SignedConfiguration | undefined): RefusedReply {
  return {
    kind: 'refused',
    standing: 'stale-epoch',
    reason: 'the message was made under another configuration',
    ...(configuration && { configuration }),
  };
}
