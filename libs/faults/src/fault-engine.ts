// The rules at work in one process: asked about each message by the links (FaultPort), told the rules in force by whoever follows
// the directory. Expiry is judged here too, message by message: a rule that nobody removes ends all the same.
import {
  KmsError,
  type Clock,
  type FaultEdge,
  type FaultPort,
  type MessageExits,
  type PassingMessage,
  type Random,
} from '@zonehold/primitives';
import { HeldMessages } from './held-messages.ts';
import { judge, type FaultedMessage, type FaultParty } from './judge.ts';
import { faultServices, isInForce, type FaultKind, type FaultRule } from './rule.ts';

export interface FaultEngineOptions {
  readonly self: FaultParty;
  readonly clock: Clock;
  readonly random: Pick<Random, 'unit'>;
  /** A fault took hold of a message. */
  injected(kind: FaultKind, leg: PassingMessage['leg']): void;
}

export class FaultEngine implements FaultPort {
  readonly #options: FaultEngineOptions;
  readonly #edges = new Set<Edge>();
  #rules: readonly FaultRule[] = [];

  constructor(options: FaultEngineOptions) {
    this.#options = options;
  }

  /** The rules as they were last given, those that are over included. */
  get rules(): readonly FaultRule[] {
    return this.#rules;
  }

  /** From now on these. What rules held that are not among them any more goes on its way. */
  adopt(rules: readonly FaultRule[]): void {
    const known = new Map(this.#rules.map((rule) => [rule.id, rule]));
    // A rule never changes under its id: the same object tells what is held that it is still in force.
    this.#rules = rules.map((rule) => known.get(rule.id) ?? rule);
    const inForce = new Set(this.#rules);
    for (const edge of [...this.#edges]) edge.release(inForce);
  }

  edge(peer: { readonly zone: string; readonly service: string }): FaultEdge {
    const service = faultServices.find((known) => known === peer.service);
    if (service === undefined) return throughEdge;
    const edge = new Edge(
      this.#options,
      { zone: peer.zone, service },
      {
        rules: () => this.#rules,
        closed: () => this.#edges.delete(edge),
      },
    );
    this.#edges.add(edge);
    return edge;
  }
}

/** A peer of whom no rule can speak. */
const throughEdge: FaultEdge = {
  pass: (_message, exits) => exits.deliver(),
  close: () => undefined,
};

class Edge implements FaultEdge {
  readonly #options: FaultEngineOptions;
  readonly #peer: FaultParty;
  readonly #on: { rules(): readonly FaultRule[]; closed(): void };
  readonly #held: Readonly<Record<PassingMessage['direction'], HeldMessages>>;
  #isClosed = false;

  constructor(
    options: FaultEngineOptions,
    peer: FaultParty,
    on: { rules(): readonly FaultRule[]; closed(): void },
  ) {
    const { clock, random } = options;
    const held = (): HeldMessages =>
      new HeldMessages(
        () => clock.monotonicMs(),
        () => random.unit(),
      );
    this.#options = options;
    this.#peer = peer;
    this.#on = on;
    this.#held = { out: held(), in: held() };
  }

  pass(message: PassingMessage, exits: MessageExits): void {
    if (this.#isClosed) return;
    const rules = this.#on.rules();
    if (rules.length === 0) exits.deliver();
    else this.#judge(rules, message, exits);
  }

  release(inForce: ReadonlySet<FaultRule>): void {
    this.#held.out.release(inForce);
    this.#held.in.release(inForce);
  }

  close(): void {
    this.#isClosed = true;
    this.#held.out.clear();
    this.#held.in.clear();
    this.#on.closed();
  }

  #judge(rules: readonly FaultRule[], message: PassingMessage, exits: MessageExits): void {
    const wallMs = this.#options.clock.wallMs();
    const inForce = rules.filter((rule) => isInForce(rule, wallMs));
    const fate = judge(inForce, this.#seen(message), this.#options.random);
    if (fate === undefined) {
      exits.deliver();
      return;
    }
    const { leg, direction } = message;
    const note = (kind: FaultKind): void => this.#options.injected(kind, leg);
    switch (fate.kind) {
      case 'black-hole':
        note(fate.kind);
        return;
      case 'reset':
        note(fate.kind);
        exits.cut(`cut by fault ${fate.rule.id}`);
        return;
      case 'abort':
        if (exits.fail === undefined) {
          exits.deliver();
          return;
        }
        note(fate.kind);
        exits.fail(new KmsError(fate.code, `refused by fault ${fate.rule.id}`));
        return;
      case 'slow':
        for (const { action } of fate.rules) note(action.kind);
        if (!this.#held[direction].hold(fate.rules, message.bytes, () => exits.deliver()))
          exits.cut('too much is held back by faults');
    }
  }

  /** The message with its sender and receiver. Where the peer is a Redis there is nobody else to apply a rule. */
  #seen({ direction, leg, route }: PassingMessage): FaultedMessage {
    const { self } = this.#options;
    const peer = this.#peer;
    const isOut = direction === 'out';
    const end = isOut ? 'sender' : 'receiver';
    return {
      sender: isOut ? self : peer,
      receiver: isOut ? peer : self,
      ...{ leg, route },
      end: peer.service === 'redis' ? 'both' : end,
    };
  }
}
