// The lists this process has in memory, and the one way to look at them: after a quorum of the present voters has said
// what is new. Without that nothing here is an answer.
import type { AcceptorPort } from './acceptor-port.ts';
import type { StoreLimits } from './limits.ts';
import { ListMirror } from './list-mirror.ts';
import { ListSide } from './list-side.ts';
import { askQuorum } from './listing.ts';
import type { Electorate, Membership } from './membership.ts';
import type { ListView } from './register-store.ts';

interface Kept {
  readonly mirror: ListMirror;
  /** By port: a port means one incarnation of one acceptor, and so does what it has shown. */
  readonly sides: ReadonlyMap<AcceptorPort, ListSide>;
  /** The mirror's names as counted in the sum. */
  countedNames: number;
}

/** See the head of the file. */
export class ListMirrors {
  readonly #membership: Membership;
  readonly #limits: StoreLimits;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  #names = 0;

  constructor(membership: Membership, limits: StoreLimits) {
    this.#membership = membership;
    this.#limits = limits;
  }

  /** The list of `scope` by the first quorum of voters that answers; undefined when none can be had. */
  async view(scope: string, electorate: Electorate): Promise<ListView | undefined> {
    const kept = this.#of(scope, electorate);
    const { mirror, sides } = kept;
    const { stamp, quorum } = electorate;
    const fresh: number[] = [];
    const answers = await askQuorum(this.#membership, electorate, async (port) => {
      const reply = (await sides.get(port)?.refresh(stamp)) ?? noSide;
      // Also of those that answer after the quorum: with them more entries are settled.
      if (reply.kind === 'fresh') fresh.push(reply.side);
      return reply;
    });
    // A mirror that was dropped meanwhile is whole all the same: it only grows no more for others.
    if (answers !== undefined) return mirror.view(fresh, quorum);
    // Not sooner: one liar must not make everybody read whole lists again and again.
    if ([...sides.values()].some(({ isBroken }) => isBroken)) this.#drop(kept);
    return undefined;
  }

  #of(scope: string, { voters }: Electorate): Kept {
    const ports = voters.filter((port) => port !== undefined);
    const known = this.#kept.get(scope);
    if (known !== undefined && ports.every((port) => known.sides.has(port))) {
      this.#touch(known);
      return known;
    }
    if (known !== undefined) this.#drop(known);
    const kept = this.#begin(scope, ports);
    this.#touch(kept);
    if (this.#kept.size > this.#limits.listScopesMax) this.#dropOldest();
    return kept;
  }

  #begin(scope: string, ports: readonly AcceptorPort[]): Kept {
    const mirror = new ListMirror(scope, ports.length, this.#limits.listStretchMax);
    const grown = (): void => this.#count(kept);
    const limits = this.#limits;
    const sides = new Map(
      ports.map((port, side) => [port, new ListSide({ side, port, mirror, limits, grown })]),
    );
    const kept: Kept = { mirror, sides, countedNames: 0 };
    return kept;
  }

  /** Keeps the sum, and drops what was not used for longest. The one that grows stays, however long it is. */
  #count(kept: Kept): void {
    const { scope, size } = kept.mirror;
    if (this.#kept.get(scope) !== kept) return;
    this.#names += size - kept.countedNames;
    kept.countedNames = size;
    if (this.#names <= this.#limits.listNamesMax) return;
    this.#touch(kept);
    while (this.#names > this.#limits.listNamesMax && this.#kept.size > 1) this.#dropOldest();
  }

  #touch(kept: Kept): void {
    this.#kept.delete(kept.mirror.scope);
    this.#kept.set(kept.mirror.scope, kept);
  }

  #dropOldest(): void {
    const [oldest] = this.#kept.values();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(kept: Kept): void {
    const { scope } = kept.mirror;
    if (this.#kept.get(scope) !== kept) return;
    this.#kept.delete(scope);
    this.#names -= kept.countedNames;
  }
}

const noSide = { kind: 'unreachable', wasSent: false, reason: 'not a voter of this list' } as const;
