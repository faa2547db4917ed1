// The accepts under way, as a set: any of them may be delivered at any time, or never. Prepares and reads are not here: they
// are wanted only while their sender waits, so its state says which are still to come (clients.ts).
import type { Acceptors } from './acceptors.ts';
import type { AcceptMessage } from './clients.ts';
import type { Configurations } from './configurations.ts';
import { Interner } from './interner.ts';

const statesMax = 2 ** 22;

/** A message with its number among the acceptors' requests. */
interface Flight extends AcceptMessage {
  readonly request: number;
}

/** Sets of flights as numbers. The empty set is 0. */
export class Flights {
  readonly messages = new Interner<Flight>();
  readonly #sets = new Interner<readonly number[]>((set) => set.join());
  readonly #acceptors: Acceptors;
  readonly #configurations: Configurations;

  constructor(acceptors: Acceptors, configurations: Configurations) {
    this.#acceptors = acceptors;
    this.#configurations = configurations;
    this.#sets.idOf([]);
  }

  membersOf(set: number): readonly number[] {
    return this.#sets.at(set);
  }

  without(set: number, message: number): number {
    return this.#sets.idOf(this.#sets.at(set).filter((member) => member !== message));
  }

  with(set: number, sent: readonly AcceptMessage[]): number {
    if (sent.length === 0) return set;
    return this.#idOf([...this.#sets.at(set), ...sent.map((message) => this.#messageId(message))]);
  }

  /** Without what can have no effect any more on zone `zone`, whose acceptor is in `state`. */
  swept(set: number, zone: number, state: number): number {
    if (state >= statesMax) throw new Error('too many acceptor states for one space');
    const members = this.#sets.at(set);
    const left = members.filter((member) => {
      const message = this.messages.at(member);
      return message.zone !== zone || !this.#acceptors.deliver(state, message.request).isDead;
    });
    return left.length === members.length ? set : this.#sets.idOf(left);
  }

  /** The same set when zones A and B change names. */
  mirrored(set: number): number {
    return this.#idOf(
      this.#sets.at(set).map((member) => {
        const message = this.messages.at(member);
        return message.zone > 1 ? member : this.#messageId({ ...message, zone: 1 - message.zone });
      }),
    );
  }

  #idOf(members: readonly number[]): number {
    return this.#sets.idOf([...new Set(members)].sort((left, right) => left - right));
  }

  #messageId(message: AcceptMessage): number {
    const { actor, zone, configuration, incarnation, ballot, payload } = message;
    const { stamp } = this.#configurations.at(configuration).stamped;
    const request = this.#acceptors.requests.idOf({
      kind: 'accept',
      incarnation,
      stamp,
      ballot,
      payload,
    });
    return this.messages.idOf({
      actor,
      zone,
      configuration,
      incarnation,
      ballot,
      payload,
      request,
    });
  }
}
