// One explored region: what may happen next in a state. A state is nine numbers: three acceptors, two proposers, two
// controllers, the accepts under way, and the world. What may happen: a message arrives somewhere and its answer reaches the
// sender at once; a decided configuration is installed on an acceptor that lacks it (whoever knows it may do so, so it may
// happen any time); a controller decides; zone C loses its disk, is formatted or reincarnated.
//
// Answers at once lose nothing: what an answer triggers are only more messages under way, and to acknowledge early only makes
// the order in real time stricter. A message that never arrives is a lost one.
import { Acceptors, isNegative, type Outcome } from './acceptors.ts';
import { ballotOf, Clients, type ClientStep, type Start } from './clients.ts';
import { Configurations, zoneC } from './configurations.ts';
import { Flights } from './flights.ts';
import { memoise } from './interner.ts';
import type { ExploreOptions, Mistakes } from './options.ts';
import { packLabel, place, type Steps } from './steps.ts';
import { Surroundings } from './surroundings.ts';
import { newestOf, Worlds, type World } from './world.ts';

const zones = [0, 1, 2] as const;
/** Limits of the packed keys below: checked where the numbers are made. */
const limit = { replies: 4_096, configurations: 64, starts: 32, floors: 8, messages: 2 ** 16 };

/** A client's step with a number of its own, so that what follows from it can be remembered. */
interface NumberedStep extends ClientStep {
  readonly serial: number;
}

/** See the head of the file. */
export class Region {
  readonly configurations = new Configurations();
  readonly acceptors: Acceptors;
  readonly clients: Clients;
  readonly flights: Flights;
  readonly worlds: Worlds;
  readonly #mistakes: Mistakes;
  readonly #options: ExploreOptions;
  readonly #surroundings: Surroundings;
  readonly #actors: readonly number[];
  readonly #after = new Int32Array(place.width);
  readonly #mirror = new Int32Array(place.width);
  readonly #from = new Int32Array(place.width);
  #world!: World;
  #steps!: Steps;
  #serials = 0;

  constructor(options: ExploreOptions) {
    const { programs, controllers, mistakes = {} } = options;
    this.#options = options;
    this.#mistakes = mistakes;
    const { ignoresStamps = false, reusesIncarnation = false } = mistakes;
    this.acceptors = new Acceptors(ignoresStamps, reusesIncarnation);
    const seals = [0, 1].map((rival) => (rival < controllers ? (['seal'] as const) : []));
    const all = [programs[0] ?? [], programs[1] ?? [], ...seals];
    this.clients = new Clients(all, this.configurations, options, mistakes);
    this.flights = new Flights(this.acceptors, this.configurations);
    this.worlds = new Worlds();
    const { acceptors, configurations, worlds } = this;
    this.#surroundings = new Surroundings(options, acceptors, configurations, worlds);
    this.#actors = [0, 1, 2, 3].filter((actor) => all[actor]!.length > 0);
  }

  get reusesIncarnation(): boolean {
    return this.#mistakes.reusesIncarnation === true;
  }

  /** Formatted, nothing written, nobody has begun. */
  start(): Int32Array {
    const world = this.worlds.first(this.configurations, this.#options.lossesMax);
    const first = this.configurations.at(this.worlds.records.at(world).chain[0]!);
    const acceptor = this.acceptors.formatted('first', first.stamped);
    const clients = [0, 1, 2, 3].map((actor) => this.clients.newcomer(actor));
    return Int32Array.from([acceptor, acceptor, acceptor, ...clients, 0, world]);
  }

  /** Adds every step out of the state at `offset`. None when both proposers are done: nobody can be told a lie any more. */
  expand(vectors: Int32Array, offset: number, steps: Steps): void {
    for (let index = 0; index < place.width; index += 1)
      this.#from[index] = vectors[offset + index]!;
    this.#steps = steps;
    if (
      this.#isFinished(this.#from[place.clients]!) &&
      this.#isFinished(this.#from[place.clients + 1]!)
    )
      return;
    this.#world = this.worlds.records.at(this.#from[place.world]!);
    this.#surroundings.expand(this.#from, this.#after, this.#emit);
    for (const actor of this.#actors) {
      this.#begin(actor);
      this.#await(actor);
    }
    this.#deliverAccepts();
  }

  readonly #isFinished = memoise((client: number) => this.clients.isFinished(client));
  readonly startsOf = memoise((client: number): readonly Start[] => this.clients.startsOf(client));

  /** The configuration an acceptor works under; -1 for none. */
  readonly #shown = memoise((state: number) => {
    const { header } = this.acceptors.states.at(state);
    return header === null ? -1 : this.configurations.withStamp(header.stamp);
  });

  readonly #prepareRequest = memoise((key: number): number => {
    const counter = key % limit.starts;
    const rest = Math.floor(key / limit.starts);
    const [actor, zone, configuration] = [
      rest % 4,
      Math.floor(rest / 4) % 4,
      Math.floor(rest / 16),
    ];
    const { stamped, voters } = this.configurations.at(configuration);
    return this.acceptors.requests.idOf({
      kind: 'prepare',
      incarnation: voters[zone]!,
      stamp: stamped.stamp,
      ballot: ballotOf(counter, actor),
    });
  });

  readonly #readRequest = memoise((key: number): number => {
    const { stamped, voters } = this.configurations.at(Math.floor(key / 4));
    const incarnation = voters[key % 4]!;
    return this.acceptors.requests.idOf({ kind: 'read', incarnation, stamp: stamped.stamp });
  });

  #ask(actor: number, zone: number, configuration: number, counter: number): Outcome {
    const key = (configuration * 16 + zone * 4 + actor) * limit.starts + counter;
    return this.acceptors.deliver(this.#from[zone]!, this.#prepareRequest(key));
  }

  #look(zone: number, configuration: number): Outcome {
    return this.acceptors.deliver(this.#from[zone]!, this.#readRequest(configuration * 4 + zone));
  }

  #isSilent(zone: number): boolean {
    return zone === zoneC && this.#world.isRolledBack;
  }

  /** Rounds and fast reads begin with the first answer that is not a refusal. */
  #begin(actor: number): void {
    const client = this.#from[place.clients + actor]!;
    const starts = this.startsOf(client);
    if (starts.length === 0 || this.#mustWait(actor)) return;
    for (const zone of zones) {
      if (this.#isSilent(zone)) continue;
      if (this.#mistakes.ignoresStamps === true) {
        for (const configuration of this.#world.chain)
          this.#beginAt(actor, zone, configuration, starts);
      } else {
        const configuration = this.#shown(this.#from[zone]!);
        if (configuration >= 0) this.#beginAt(actor, zone, configuration, starts);
      }
    }
  }

  /** The controllers are alike, so the one that seals first is called the first (as far as counters are free to choose). */
  #mustWait(actor: number): boolean {
    if (actor !== 3) return false;
    const { operation, phase } = this.clients.records.at(this.#from[place.clients + 2]!);
    return operation === 0 && phase.kind === 'idle';
  }

  #beginAt(actor: number, zone: number, configuration: number, starts: readonly Start[]): void {
    const { voters, learner } = this.configurations.at(configuration);
    if (voters[zone] === null || (actor > 1 && learner === null)) return;
    const client = this.#from[place.clients + actor]!;
    const floor = this.#world.acknowledged.length;
    for (let index = 0; index < starts.length; index += 1) {
      const start = starts[index]!;
      const outcome =
        start.kind === 'read'
          ? this.#look(zone, configuration)
          : this.#ask(actor, zone, configuration, start.counter);
      if (isNegative(outcome.reply)) continue;
      const where = (client * limit.starts + index) * limit.configurations + configuration;
      const key = ((where * 4 + zone) * limit.replies + outcome.replyId) * limit.floors + floor;
      const step = this.#firstStep(key);
      const label = packLabel('begin', actor, zone, index * limit.configurations + configuration);
      this.#emitClient(label, actor, zone, outcome, step, this.#from[place.flights]!);
    }
  }

  readonly #firstStep = memoise((key: number): NumberedStep => {
    const floor = key % limit.floors;
    let rest = Math.floor(key / limit.floors);
    const reply = this.acceptors.replies.at(rest % limit.replies);
    rest = Math.floor(rest / limit.replies);
    const zone = rest % 4;
    rest = Math.floor(rest / 4);
    const configuration = rest % limit.configurations;
    rest = Math.floor(rest / limit.configurations);
    const client = Math.floor(rest / limit.starts);
    const start = this.startsOf(client)[rest % limit.starts]!;
    return this.#number(
      this.clients.begin(client, start, configuration, zone, reply as never, floor),
    );
  });

  #number(step: ClientStep): NumberedStep {
    this.#serials += 1;
    return { ...step, serial: this.#serials };
  }

  /** The other voters' answers to the prepare or fast read under way. */
  #await(actor: number): void {
    const client = this.#from[place.clients + actor]!;
    const { phase } = this.clients.records.at(client);
    if (phase.kind !== 'preparing' && phase.kind !== 'reading') return;
    const { voters } = this.configurations.at(phase.configuration);
    for (const zone of zones) {
      if (voters[zone] === null || this.#isSilent(zone)) continue;
      let outcome: Outcome;
      if (phase.kind === 'reading') {
        if (phase.replies[zone] !== null) continue;
        outcome = this.#look(zone, phase.configuration);
        if (isNegative(outcome.reply)) continue;
      } else {
        if ((phase.promisedBy >> zone) % 2 === 1) continue;
        const { counter } = this.clients.records.at(client);
        outcome = this.#ask(actor, zone, phase.configuration, counter);
      }
      const step = this.#nextStep((client * 4 + zone) * limit.replies + outcome.replyId);
      if (step.next === client && outcome.next === this.#from[zone]) continue;
      const label = packLabel('reply', actor, zone, 0);
      this.#emitClient(label, actor, zone, outcome, step, this.#from[place.flights]!);
    }
  }

  readonly #nextStep = memoise((key: number): NumberedStep => {
    const reply = this.acceptors.replies.at(key % limit.replies);
    const rest = Math.floor(key / limit.replies);
    return this.#number(this.clients.onReply(Math.floor(rest / 4), rest % 4, reply as never));
  });

  #deliverAccepts(): void {
    const flights = this.#from[place.flights]!;
    for (const message of this.flights.membersOf(flights)) {
      const { actor, zone, request } = this.flights.messages.at(message);
      if (this.#isSilent(zone)) continue;
      const outcome = this.acceptors.deliver(this.#from[zone]!, request);
      const client = this.#from[place.clients + actor]!;
      const where = (client * limit.messages + message) * limit.replies;
      const step = this.#acceptedStep(where + outcome.replyId);
      const isHeard = step.next !== client;
      if (!isHeard && outcome.next === this.#from[zone]) continue;
      const left = this.#without(flights * limit.messages + message);
      const label = packLabel('accept', actor, zone, message);
      this.#emitClient(label, actor, zone, outcome, step, left);
      if (!isHeard || this.#options.losesReplies !== true) continue;
      this.#prepareAfter(zone, outcome, left);
      this.#emit(packLabel('accept-unheard', actor, zone, message), undefined);
    }
  }

  readonly #acceptedStep = memoise((key: number): NumberedStep => {
    const reply = this.acceptors.replies.at(key % limit.replies);
    const rest = Math.floor(key / limit.replies);
    const message = this.flights.messages.at(rest % limit.messages);
    const client = Math.floor(rest / limit.messages);
    return this.#number(this.clients.onAccepted(client, message, reply as never));
  });

  readonly #without = memoise((key: number): number =>
    this.flights.without(Math.floor(key / limit.messages), key % limit.messages),
  );

  #prepareAfter(zone: number, outcome: Outcome, flights: number): void {
    this.#after.set(this.#from);
    this.#after[zone] = outcome.next;
    this.#after[place.flights] = flights;
  }

  #emitClient(
    label: number,
    actor: number,
    zone: number,
    outcome: Outcome,
    step: NumberedStep,
    flights: number,
  ): void {
    this.#prepareAfter(zone, outcome, flights);
    this.#after[place.clients + actor] = step.next;
    if (step.sends.length > 0) this.#after[place.flights] = this.#sent(flights, step);
    let problem: string | undefined;
    if (outcome.reply.kind === 'clash') problem = 'one ballot carries two payloads';
    if (step.acknowledged !== undefined || step.sealed !== undefined) {
      const told = this.#told(step);
      this.#after[place.world] = told.next;
      problem ??= told.problem;
    }
    this.#emit(label, problem);
  }

  readonly #tidings = new Map<number, { next: number; problem: string | undefined }>();

  /** The world after an acknowledgement or a completed seal. */
  #told(step: NumberedStep): { next: number; problem: string | undefined } {
    const world = this.#from[place.world]!;
    const key = world * 2 ** 24 + step.serial;
    const known = this.#tidings.get(key);
    if (known !== undefined) return known;
    const { acknowledged, floor = 0, letter, sealed } = step;
    let told: { next: number; problem: string | undefined } = { next: world, problem: undefined };
    if (acknowledged !== undefined)
      told = this.worlds.acknowledge(world, acknowledged, floor, letter);
    else if (sealed === newestOf(this.#world))
      told.next = this.worlds.changed(world, { isSealed: true });
    this.#tidings.set(key, told);
    return told;
  }

  readonly #sentSets = new Map<number, number>();

  #sent(flights: number, step: NumberedStep): number {
    const key = flights * 2 ** 24 + step.serial;
    let set = this.#sentSets.get(key);
    if (set === undefined) this.#sentSets.set(key, (set = this.flights.with(flights, step.sends)));
    return set;
  }

  readonly #swept = memoise((key: number): number => {
    const rest = Math.floor(key / 4);
    return this.flights.swept(Math.floor(rest / 2 ** 22), key % 4, rest % 2 ** 22);
  });
  readonly #mirroredClient = memoise((client: number) => this.clients.mirrored(client));
  readonly #mirroredFlights = memoise((set: number) => this.flights.mirrored(set));

  /** Adds the state in `#after`: without dead messages, and as the smaller one of itself and its mirror image. */
  readonly #emit = (label: number, problem?: string): void => {
    const after = this.#after;
    let flights = after[place.flights]!;
    for (const zone of zones) {
      if (flights === 0) break;
      flights = this.#swept((flights * 2 ** 22 + after[zone]!) * 4 + zone);
    }
    after[place.flights] = flights;
    const isMirrored = this.#options.keepsMirrorImages !== true && this.#mirrorIsSmaller();
    this.#steps.add(isMirrored ? this.#mirror : after, label, isMirrored, problem);
  };

  #mirrorIsSmaller(): boolean {
    const [after, mirror] = [this.#after, this.#mirror];
    if (this.#mistakes.evictsTwo === true || after[0]! < after[1]!) return false;
    mirror.set(after);
    mirror[0] = after[1]!;
    mirror[1] = after[0]!;
    for (const actor of [0, 1, 2, 3]) {
      const index = place.clients + actor;
      mirror[index] = this.#mirroredClient(after[index]!);
    }
    mirror[place.flights] = this.#mirroredFlights(after[place.flights]!);
    for (let index = 0; index < mirror.length; index += 1) {
      if (mirror[index] !== after[index]) return mirror[index]! < after[index]!;
    }
    return false;
  }
}
