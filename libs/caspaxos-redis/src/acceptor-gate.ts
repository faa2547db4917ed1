// The gate in front of one acceptor's vote. Shut on every new connection; opens when settings and identity are right and
// the sequence is not behind what peers and this process remember; looks again every ten seconds. It asks, it never repairs.
import {
  sequenceStanding,
  type AcceptorStanding,
  type SequenceMemory,
  type SignedConfiguration,
} from '@zonehold/caspaxos';
import {
  inspectionCommands,
  judgeIdentity,
  judgeInspection,
  type Inspection,
} from './inspection.ts';
import type { CallOutcome, RedisCommand } from './call-queue.ts';
import { configurationKey } from './redis-keys.ts';
import { acceptorScripts } from './scripts.ts';

export interface GateState {
  readonly standing: AcceptorStanding;
  readonly reason: string;
}

/** What a gate needs of its link, and of the region. */
export interface GateDependencies {
  readonly self: string;
  /** The name under which peers record this acceptor's sequence. */
  readonly recordName: string;
  readonly memory: SequenceMemory;
  readonly peerCount: number;
  ask(commands: readonly RedisCommand[], timeoutMs: number): Promise<CallOutcome>;
  /** What each reachable peer has on record under `recordName`. */
  askPeers(recordName: string, timeoutMs: number): Promise<readonly number[]>;
  changed(state: GateState): void;
  /** The acceptor showed this configuration, whoever it is. */
  configurationShown(configuration: SignedConfiguration): void;
  /** The wall clock of the machine it runs on, as it just was. */
  clockShown(wallMs: number): void;
}

/** How long a new process waits for a silent peer's record: two attempts to connect. A zone that needs longer is away. */
const peerWaitMs = 1_000;

/** A look takes two round trips; a Redis that needs longer is not fit to vote either. */
const inspectionTimeoutMs = 400;

export class AcceptorGate {
  readonly #on: GateDependencies;
  #state: GateState = { standing: 'connecting', reason: 'not connected yet' };
  #connection = 0;
  #runId = '';
  #isRolledBack = false;
  #look: Promise<void> | undefined;
  #mustLookAgain = false;
  #peerWait: NodeJS.Timeout | undefined;
  #isPeerWaitOver = false;
  #configuration: SignedConfiguration | undefined;

  constructor(dependencies: GateDependencies) {
    this.#on = dependencies;
  }

  get state(): GateState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.standing === 'voter';
  }

  get runId(): string {
    return this.#runId;
  }

  /** The configuration the acceptor showed last. */
  get configuration(): SignedConfiguration | undefined {
    return this.#configuration;
  }

  /** A new connection: whatever was known of the server behind it is void. */
  connected(): void {
    this.#connection += 1;
    this.#startPeerWait();
    this.#set('comparing', 'settings, identity and sequence are being checked');
    void this.look();
  }

  disconnected(reason: string): void {
    this.#connection += 1;
    clearTimeout(this.#peerWait);
    this.#set('unreachable', reason);
  }

  #startPeerWait(): void {
    clearTimeout(this.#peerWait);
    this.#isPeerWaitOver = false;
    this.#peerWait = setTimeout(() => {
      this.#isPeerWaitOver = true;
      if (this.#state.standing === 'comparing') void this.look();
    }, peerWaitMs);
  }

  /** A reply said that this is not our acceptor: shut at once. The caller has it looked at. */
  distrust(standing: 'wiped' | 'foreign', reason: string): void {
    this.#set(standing, reason);
  }

  /** Looks now, or again after the look under way: what made us look may have come after its questions. */
  look(): Promise<void> {
    if (this.#look !== undefined) {
      this.#mustLookAgain = true;
      return this.#look;
    }
    this.#look = this.#lookUntilSettled().finally(() => (this.#look = undefined));
    return this.#look;
  }

  async #lookUntilSettled(): Promise<void> {
    do await this.#lookOnce(this.#connection);
    while (this.#takeLookAgain());
  }

  #takeLookAgain(): boolean {
    const mustLookAgain = this.#mustLookAgain;
    this.#mustLookAgain = false;
    return mustLookAgain;
  }

  async #lookOnce(connection: number): Promise<void> {
    // Memory and peers first: what they have on record happened before the sequence we read after them.
    const rememberedSeq = this.#on.memory.of(this.#on.recordName);
    const peerRecords = await this.#on.askPeers(this.#on.recordName, inspectionTimeoutMs);
    const inspection = await this.#inspect();
    if (connection !== this.#connection || inspection === undefined) return;
    this.#configuration = inspection.configuration;
    if (inspection.configuration !== undefined) {
      this.#on.configurationShown(inspection.configuration);
    }
    this.#runId = inspection.runId;
    if (inspection.wallMs !== undefined) this.#on.clockShown(inspection.wallMs);
    if (inspection.refusal !== undefined) {
      this.#set(inspection.refusal.standing, inspection.refusal.reason);
      return;
    }
    this.#judgeSequence(inspection, rememberedSeq, peerRecords);
  }

  #judgeSequence(
    inspection: Inspection,
    rememberedSeq: number,
    peerRecords: readonly number[],
  ): void {
    const { seq } = inspection;
    const standing = sequenceStanding({
      ownSeq: seq,
      rememberedSeq,
      peerRecords,
      peerCount: this.#on.peerCount,
      isWaitOver: this.#isPeerWaitOver,
    });
    // For good, as long as this process lives: counting on from an old disk soon passes the mark, and proves nothing.
    if (standing === 'rolled-back') this.#isRolledBack = true;
    if (this.#isRolledBack) {
      const recorded = Math.max(rememberedSeq, 0, ...peerRecords);
      this.#set(
        'rolled-back',
        `its disk is older than what it had answered: it counts ${seq} writes, ${recorded} are on record; rebuild it`,
      );
      return;
    }
    // Peers that cannot be asked just now take no standing away that was earned on this very connection.
    if (standing === 'comparing' && this.isOpen) return;
    if (standing === 'comparing') {
      this.#set(standing, 'not enough other zones can be asked what they remember of this one');
      return;
    }
    // Not before: what this process remembers stands for peers that cannot be asked.
    this.#on.memory.observe(this.#on.recordName, seq);
    this.#set(standing, '');
  }

  async #inspect(): Promise<Inspection | undefined> {
    const scripts = acceptorScripts.map((script): RedisCommand => ['script', 'load', script.text]);
    const outcomes = await Promise.all(
      [...inspectionCommands, ...scripts].map((command) =>
        this.#on.ask([command], inspectionTimeoutMs),
      ),
    );
    const refused = outcomes.find((outcome) => outcome.kind === 'error');
    if (refused !== undefined) {
      this.#set('unsafe-settings', `Redis refuses the check: ${refused.message}`);
      return undefined;
    }
    if (outcomes.some((outcome) => outcome.kind === 'none')) {
      // No answer is no proof against it: the link decides about silence. But an unfinished check must be repeated.
      if (!this.isOpen) this.#mustLookAgain = this.#state.standing === 'comparing';
      return undefined;
    }
    const replies = outcomes.map((outcome) =>
      outcome.kind === 'reply' ? outcome.reply : undefined,
    );
    return judgeInspection(replies, (found) => judgeIdentity(found, this.#on.self));
  }

  #set(standing: AcceptorStanding, reason: string): void {
    if (this.#state.standing === standing && this.#state.reason === reason) return;
    this.#state = { standing, reason };
    this.#on.changed(this.#state);
  }
}

/** What one peer has on record: its own identity first, so that a stranger's records do not count. */
export function recordQuestion(recordName: string): RedisCommand {
  return ['hmget', configurationKey, 'self', `peer:${recordName}`];
}
