// The replication core's shell: linearizable registers over acceptor ports. Production and the simulator run this very
// code; time, chance and the network are arguments.
import { assert, Deadline, KmsError, type Clock, type Random } from '@zonehold/primitives';
import type {
  Authenticator,
  Ballot,
  Configuration,
  SignedConfiguration,
  Stamp,
  Timers,
} from './acceptor-port.ts';
import { rowKey } from './acceptor.ts';
import { formatBallot, isProposerId, nextCounter } from './ballot.ts';
import { readBatch, type ReadContext } from './batch-read.ts';
import { Change, type ChangeContext, type Changed } from './change.ts';
import { quorumSize } from './configuration.ts';
import { defaultLimits, type StoreLimits } from './limits.ts';
import { ListMirrors } from './list-mirrors.ts';
import { listNews, type ListMark, type ListNews } from './list-news.ts';
import { askQuorum, mergeScans } from './listing.ts';
import { Membership, type CurrentConfiguration, type Electorate } from './membership.ts';
import { silentObserver, type StoreObserver } from './observer.ts';
import type { PortSource } from './port-source.ts';
import { decideRead } from './read-decision.ts';
import { Reconfiguration } from './reconfiguration.ts';
import { isRegisterId } from './register-id.ts';
import { RegisterQueue } from './register-queue.ts';
import { reseal, type Resealed } from './reseal.ts';
import type {
  ChangeFunction,
  Decision,
  ListView,
  ReconfigurableStore,
  RegisterId,
  RegisterState,
  ZoneState,
} from './register-store.ts';
import { Screen } from './screening.ts';
import { zoneStates } from './zone-states.ts';

/** What a store is made of. */
export interface StoreOptions {
  readonly ports: PortSource;
  /** The newest configuration this process knows. Newer ones are learnt from acceptors. */
  readonly configuration: SignedConfiguration;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** 16 hex digits, drawn at random when the process boots: never the same in two processes or two boots. */
  readonly proposerId: string;
  readonly observer?: StoreObserver;
  readonly limits?: Partial<StoreLimits>;
}

/** The two rules a negative control may break; production always uses the real ones. */
export interface ProposerRules {
  readonly decideRead: typeof decideRead;
  readonly quorumSize: typeof quorumSize;
}

const realProposerRules: ProposerRules = { decideRead, quorumSize };

/**
 * A store over `ports`. Fails with INTEGRITY when `configuration` is not genuine. Ports are closed with the store.
 */
export function createStore(options: StoreOptions): ReconfigurableStore {
  return createStoreUnderRules(options, realProposerRules);
}

/** For the simulator's negative controls only (entry point `@zonehold/caspaxos/internal`). */
export function createStoreUnderRules(
  options: StoreOptions,
  rules: ProposerRules,
): ReconfigurableStore {
  return new QuorumStore(options, rules);
}

const keepAsIs = (): Decision<undefined> => ({ kind: 'keep', result: undefined });

function checkId(id: RegisterId): void {
  if (isRegisterId(id)) return;
  throw new KmsError('INVALID_ARGUMENT', 'malformed register id');
}

class QuorumStore implements ReconfigurableStore {
  readonly #options: StoreOptions;
  readonly #limits: StoreLimits;
  readonly #observer: StoreObserver;
  readonly #membership: Membership;
  readonly #reconfiguration: Reconfiguration;
  readonly #queue: RegisterQueue;
  readonly #reads: ReadContext;
  /** As `#reads`, for reads whose only use is to spare a round: not worth a wait. */
  readonly #hints: ReadContext;
  readonly #changes: ChangeContext;
  readonly #lists: ListMirrors;
  readonly #waitingWriteBacks = new Map<string, Promise<RegisterState>>();
  #counter = 0n;

  constructor(options: StoreOptions, rules: ProposerRules) {
    assert(isProposerId(options.proposerId), 'proposer id is not 16 hex digits');
    const { ports, configuration, authenticator, timers, observer = silentObserver } = options;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#observer = observer;
    const membership = new Membership({
      ports,
      first: configuration,
      authenticator,
      observer,
      quorumSize: rules.quorumSize,
      installTimeoutMs: this.#limits.phaseTimeoutMs,
    });
    const screen = new Screen(authenticator, observer, this.#limits.verifiedCacheMax);
    this.#membership = membership;
    this.#reconfiguration = new Reconfiguration({
      ...{ membership, ports, authenticator },
      change: (id, change, deadline) => this.change(id, change, deadline),
      installTimeoutMs: this.#limits.phaseTimeoutMs,
    });
    this.#queue = new RegisterQueue(this.#limits, timers);
    this.#lists = new ListMirrors(membership, this.#limits);
    const { differWaitMs, phaseTimeoutMs, noQuorumAttemptsMax } = this.#limits;
    this.#reads = {
      membership,
      screen,
      observer,
      timers,
      differWaitMs,
      decideRead: rules.decideRead,
    };
    this.#hints = { ...this.#reads, differWaitMs: 0 };
    this.#changes = {
      membership,
      authenticator,
      screen,
      observer,
      phaseTimeoutMs,
      noQuorumAttemptsMax,
      nextBallot: (seen) => this.#nextBallot(seen),
      outrun: (ballot) => (this.#counter = nextCounter(this.#counter, ballot)),
      backOff: (attempt, deadline) => this.#backOff(attempt, deadline),
      tryRead: (id, deadline) => this.#tryRead(id, deadline),
    };
  }

  async read(ids: readonly RegisterId[], deadline: Deadline): Promise<readonly RegisterState[]> {
    if (ids.length === 0) return [];
    for (const id of ids) checkId(id);
    const states = await this.#untilQuorum(deadline, (timeoutMs) => {
      return readBatch(this.#reads, ids, timeoutMs).then((batch) =>
        batch === 'lost' ? undefined : batch,
      );
    });
    let differing = 0;
    for (const state of states) if (state === 'differ') differing += 1;
    this.#observer.reads('fast', states.length - differing);
    if (differing === 0) return states as readonly RegisterState[];
    this.#observer.reads('write-back', differing);
    return Promise.all(
      ids.map(async (id, index) => {
        const state = states[index];
        return state === undefined || state === 'differ' ? this.#writeBack(id, deadline) : state;
      }),
    );
  }

  async change<Result>(
    id: RegisterId,
    change: ChangeFunction<Result>,
    deadline: Deadline,
  ): Promise<Changed<Result>> {
    checkId(id);
    return this.#queue.run(rowKey(id), deadline, () =>
      new Change(this.#changes, id, change, deadline).run(),
    );
  }

  async list(scope: string, deadline: Deadline): Promise<ListView> {
    return this.#untilQuorum(deadline, (_timeoutMs, electorate) =>
      this.#orDeadline(this.#lists.view(scope, electorate), deadline),
    );
  }

  news(scope: string, zone: string, since?: ListMark): Promise<ListNews> {
    const question = { scope, zone, ...(since && { since }) };
    return listNews(this.#membership, this.#limits, question);
  }

  async scan(namePrefix: string, deadline: Deadline): Promise<readonly RegisterId[]> {
    // A scan is many pages: a phase is not enough for all of them.
    const answers = await this.#untilQuorum(deadline, (_timeoutMs, electorate) =>
      askQuorum(this.#membership, electorate, (port) =>
        port.scan(namePrefix, electorate.stamp, Math.max(1, deadline.remainingMs())),
      ),
    );
    return mergeScans(answers.map(({ ids }) => ids));
  }

  async reseal(id: RegisterId, deadline: Deadline): Promise<Resealed> {
    checkId(id);
    const { ports, timers } = this.#options;
    const { phaseTimeoutMs } = this.#limits;
    return this.#queue.run(rowKey(id), deadline, () =>
      reseal(
        { changes: this.#changes, zoneCount: ports.zones.length, timers, phaseTimeoutMs },
        id,
        deadline,
      ),
    );
  }

  configuration(): CurrentConfiguration {
    return this.#membership.current();
  }

  reconfigure(from: Stamp, next: Configuration, deadline: Deadline): Promise<CurrentConfiguration> {
    return this.#reconfiguration.decide(from, next, deadline);
  }

  learnDecided(deadline: Deadline): Promise<CurrentConfiguration> {
    return this.#reconfiguration.learnDecided(deadline);
  }

  install(deadline: Deadline): Promise<readonly string[]> {
    return this.#reconfiguration.install(deadline);
  }

  async scanLearner(deadline: Deadline): Promise<readonly RegisterId[]> {
    const { learner, stamp } = this.#membership.electorate();
    const reply = await learner?.scan('', stamp, deadline.remainingMs());
    if (reply?.kind === 'ids') return mergeScans([reply.ids]);
    throw new KmsError('UNAVAILABLE', 'the learner did not list its registers');
  }

  zones(): readonly ZoneState[] {
    return zoneStates(this.#options.ports, this.#membership.current().members);
  }

  close(): Promise<void> {
    return this.#options.ports.close();
  }

  /** Repeats `ask` until a quorum answered under one configuration; a newer configuration costs no attempt. */
  async #untilQuorum<Answer>(
    deadline: Deadline,
    ask: (timeoutMs: number, electorate: Electorate) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    for (let attempt = 0; attempt < this.#limits.noQuorumAttemptsMax;) {
      deadline.refuseCancelled();
      const remainingMs = deadline.remainingMs();
      if (remainingMs <= 0)
        throw new KmsError('DEADLINE_EXCEEDED', 'no majority of zones answered in time');
      const electorate = this.#membership.electorate();
      const laggards = this.#membership.laggardsMet();
      const timeoutMs = Math.min(remainingMs, this.#limits.phaseTimeoutMs);
      const answer = await ask(timeoutMs, electorate);
      if (answer !== undefined) return answer;
      if (this.#membership.electorate().epoch > electorate.epoch) continue;
      await this.#backOff(attempt, deadline);
      if (this.#membership.laggardsMet() === laggards) attempt += 1;
    }
    throw new KmsError('UNAVAILABLE', 'no majority of zones answered');
  }

  /**
   * Voters differ: a round that keeps what is there makes one answer true, and blocks everything older (hazard A1.8).
   * Readers share a write-back that has not begun, never one under way: a commit between its promises and a reader's
   * start could be later than what it finds.
   */
  #writeBack(id: RegisterId, deadline: Deadline): Promise<RegisterState> {
    const key = rowKey(id);
    const waiting = this.#waitingWriteBacks.get(key);
    if (waiting !== undefined) return this.#orDeadline(waiting, deadline);
    const own = Deadline.after(this.#options.clock, this.#limits.writeBackTimeoutMs);
    const turn = { hasBegun: false };
    const begin = (): void => {
      turn.hasBegun = true;
      this.#waitingWriteBacks.delete(key);
    };
    const writeBack = this.#queue.run(key, own, async () => {
      begin();
      return (await new Change(this.#changes, id, keepAsIs, own).run()).state;
    });
    if (!turn.hasBegun) {
      this.#waitingWriteBacks.set(key, writeBack);
      // Its turn never came: nobody may join it any more.
      writeBack.catch(() => {
        if (!turn.hasBegun) begin();
      });
    }
    return this.#orDeadline(writeBack, deadline);
  }

  /** Stops waiting at the deadline; what is waited for goes on. */
  #orDeadline<Value>(promise: Promise<Value>, deadline: Deadline): Promise<Value> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.timers.schedule(Math.max(0, deadline.remainingMs()), () => {
        reject(new KmsError('DEADLINE_EXCEEDED', 'the zones did not agree in time'));
      });
      promise.finally(cancel).then(resolve, reject);
    });
  }

  async #tryRead(id: RegisterId, deadline: Deadline): Promise<RegisterState | undefined> {
    const timeoutMs = Math.min(deadline.remainingMs(), this.#limits.phaseTimeoutMs);
    if (timeoutMs <= 0) return undefined;
    const batch = await readBatch(this.#hints, [id], timeoutMs);
    const state = batch === 'lost' ? undefined : batch[0];
    return state === 'differ' ? undefined : state;
  }

  #nextBallot(seen: Ballot): Ballot {
    this.#counter = nextCounter(this.#counter, seen);
    return formatBallot(this.#counter, this.#options.proposerId);
  }

  #backOff(attempt: number, deadline: Deadline): Promise<void> {
    const { backOffBaseMs, backOffMaxMs } = this.#limits;
    const ceilingMs = Math.min(backOffMaxMs, backOffBaseMs * 2 ** attempt, deadline.remainingMs());
    const delayMs = this.#options.random.unit() * Math.max(0, ceilingMs);
    return new Promise((resolve) => this.#options.timers.schedule(delayMs, resolve));
  }
}
