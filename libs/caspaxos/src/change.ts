// Applies one change function to one register: rounds until one is won, the function refuses, or the deadline passes.
// Keeps the books on what may have been applied, so that "not applied" is only said when it is certain.
import { KmsError, type Deadline } from '@zonehold/primitives';
import type { Ballot } from './acceptor-port.ts';
import { laterBallot } from './ballot.ts';
import type { Electorate } from './membership.ts';
import type { ChangeFunction, Decision, RegisterId, RegisterState } from './register-store.ts';
import type { Lost, Promised } from './round.ts';
import { runAccept, runPrepare, type RoundContext, type RoundPlan } from './run-round.ts';
import { decodeEnvelope, encodeEnvelope, nothing, type Envelope } from './value-envelope.ts';

/** What changes need from their store; made once per store. */
export interface ChangeContext extends RoundContext {
  /** A ballot never used before, above `seen` and above everything this process has seen. */
  nextBallot(seen: Ballot): Ballot;
  /** Waits before attempt `attempt`; resolves early at the deadline. */
  backOff(attempt: number, deadline: Deadline): Promise<void>;
  /** The register if its voters agree in one round trip; undefined otherwise. */
  tryRead(id: RegisterId, deadline: Deadline): Promise<RegisterState | undefined>;
  readonly phaseTimeoutMs: number;
  readonly noQuorumAttemptsMax: number;
}

/** What a change hands back. */
export interface Changed<Result> {
  readonly result: Result;
  readonly state: RegisterState;
  /** Of the round that was won; absent when a read was enough. */
  readonly epoch?: number;
}

/** What a round will propose. `isOurs`: it carries our write, so that losing it leaves the outcome open. */
interface Choice<Result> {
  readonly envelope: Envelope;
  readonly result: Result;
  readonly isOurs: boolean;
}

/** How a change may differ from the ordinary. */
export interface ChangeManner {
  /** A round even where a read would do. */
  readonly mustRound?: boolean;
  /** See `RoundPlan`. */
  readonly held?: RoundPlan['held'];
}

/** See RegisterStore.change. One object per call. */
export class Change<Result> {
  readonly #context: ChangeContext;
  readonly #id: RegisterId;
  readonly #change: ChangeFunction<Result>;
  readonly #deadline: Deadline;
  readonly #manner: ChangeManner;
  /** Results of our writes that some voter may hold, by the ballot they were sent under. */
  readonly #uncertain = new Map<Ballot, Result>();
  #seen: Ballot;
  #noQuorumAttempts = 0;

  constructor(
    context: ChangeContext,
    id: RegisterId,
    change: ChangeFunction<Result>,
    deadline: Deadline,
    manner: ChangeManner = {},
  ) {
    this.#context = context;
    this.#manner = manner;
    this.#id = id;
    this.#change = change;
    this.#deadline = deadline;
    this.#seen = context.screen.highest();
  }

  /** A consistent read may already say `keep`; only then no round is needed (a linearizable negative). */
  async run(): Promise<Changed<Result>> {
    const read = this.#manner.mustRound
      ? undefined
      : await this.#context.tryRead(this.#id, this.#deadline);
    if (read !== undefined) {
      const decision = this.#change(read.value);
      if (decision.kind === 'keep') return { result: decision.result, state: read };
      // A new process counts from here: a conflict far above its own counter would be taken for forged.
      this.#seen = laterBallot(this.#seen, read.ballot);
    }
    for (let attempt = 0; ; attempt += 1) {
      if (this.#deadline.hasPassed()) throw this.#gaveUp('DEADLINE_EXCEEDED');
      this.#deadline.refuseCancelled();
      const { membership } = this.#context;
      const { epoch } = membership.electorate();
      const laggards = membership.laggardsMet();
      const changed = await this.#attempt();
      if (changed !== undefined) return changed;
      // A newer configuration was learnt: it, not contention, is why the round was lost. Go on at once.
      if (membership.electorate().epoch > epoch) continue;
      if (membership.laggardsMet() > laggards) this.#noQuorumAttempts = 0;
      if (
        this.#noQuorumAttempts >= this.#context.noQuorumAttemptsMax &&
        this.#uncertain.size === 0
      ) {
        throw this.#gaveUp('UNAVAILABLE');
      }
      await this.#context.backOff(attempt, this.#deadline);
    }
  }

  async #attempt(): Promise<Changed<Result> | undefined> {
    const electorate: Electorate = this.#context.membership.electorate();
    const plan: RoundPlan = {
      id: this.#id,
      electorate,
      ballot: this.#context.nextBallot(this.#seen),
      timeoutMs: this.#phaseTimeoutMs(),
      held: this.#manner.held,
    };
    const promised = await runPrepare(this.#context, plan);
    if (promised.kind === 'lost') {
      this.#noteLost(promised);
      return undefined;
    }
    this.#context.observer.round('prepare', 'won');
    const { envelope, result, isOurs } = this.#choose(promised);
    if (isOurs) {
      // The last place to leave without a trace. What is sent is brought to its end, also for nobody: a write that is left half done
      // is in everybody's way, and whoever asks again should find it decided.
      this.#deadline.refuseCancelled();
      this.#deadline.bind();
      this.#uncertain.set(plan.ballot, result);
    }
    const acceptPlan = { ...plan, timeoutMs: this.#phaseTimeoutMs() };
    const payload = encodeEnvelope(envelope);
    const end = await runAccept(this.#context, acceptPlan, promised, payload, envelope.summary);
    if (end.kind === 'lost') {
      this.#noteLost(end);
      return undefined;
    }
    this.#context.observer.round('accept', 'won');
    const state = { ballot: plan.ballot, value: envelope.value };
    return { result, state, epoch: electorate.epoch };
  }

  #phaseTimeoutMs(): number {
    return Math.max(1, Math.min(this.#context.phaseTimeoutMs, this.#deadline.remainingMs()));
  }

  /**
   * What to propose on what a quorum showed. If that is exactly one of our own earlier payloads, it is carried through
   * unchanged and its result stands: applied once. Anything else is put to the change function again.
   */
  #choose({ highest }: Promised): Choice<Result> {
    const current = decodeEnvelope(highest.payload) ?? nothing;
    if (this.#uncertain.has(highest.ballot)) {
      return {
        envelope: current,
        result: this.#uncertain.get(highest.ballot) as Result,
        isOurs: true,
      };
    }
    const decision = this.#decide(current.value);
    const isOurs = decision.kind === 'write';
    return { envelope: isOurs ? decision : current, result: decision.result, isOurs };
  }

  /** A function that fails after something was sent leaves the outcome open, whatever it threw. */
  #decide(current: string | null): Decision<Result> {
    try {
      return this.#change(current);
    } catch (error) {
      throw this.#uncertain.size > 0 ? this.#unknown(error) : error;
    }
  }

  #noteLost(lost: Lost): void {
    const { observer } = this.#context;
    observer.round(lost.phase, 'lost');
    if (lost.seen > this.#seen) this.#seen = lost.seen;
    if (lost.conflicts > 0) observer.conflict();
    else this.#noQuorumAttempts += 1;
  }

  #gaveUp(code: 'UNAVAILABLE' | 'DEADLINE_EXCEEDED'): KmsError {
    if (this.#uncertain.size > 0) return this.#unknown();
    return new KmsError(code, 'no majority of zones answered; nothing was changed');
  }

  #unknown(cause?: unknown): KmsError {
    this.#context.observer.unknown();
    return new KmsError(
      'OUTCOME_UNKNOWN',
      'the change was sent, and no majority said whether it holds',
      { cause },
    );
  }
}
