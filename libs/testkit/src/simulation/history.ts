// What clients saw: one record per operation, ordered by a counter that ticks at every call and every return. Plain data,
// so that checkers can be tested on histories written by hand.

/** Before its return an operation is open; `order` values are unique over the history. */
export interface Operation {
  readonly opId: string;
  readonly register: string;
  readonly invokedAt: number;
  /** Infinity while open, and for ever when the outcome is unknown. */
  returnedAt: number;
  /** `not-applied`: the store promised that it has no effect. */
  outcome: 'open' | 'ok' | 'not-applied' | 'unknown';
}

/** Appends its own id to a list. `seen`: the list it was told of. */
export interface AppendOperation extends Operation {
  readonly kind: 'append';
  seen: readonly string[];
}
export interface ListReadOperation extends Operation {
  readonly kind: 'list-read';
  seen: readonly string[];
}

/** Writes its own id if the register holds `expected`. `seen` is what was there when it was refused. */
export interface CasOperation extends Operation {
  readonly kind: 'cas';
  readonly expected: string | null;
  isSwapped: boolean;
  seen: string | null;
}
export interface ReadOperation extends Operation {
  readonly kind: 'read';
  seen: string | null;
}

export type ListOperation = AppendOperation | ListReadOperation;
export type RegisterOperation = CasOperation | ReadOperation;
export type AnyOperation = ListOperation | RegisterOperation;

/** Records operations in the order of their calls. */
export class History {
  readonly operations: AnyOperation[] = [];
  #order = 0;

  /** Notes a call. `returnedAt`, `outcome` and results are filled in by `end`. */
  begin<Kind extends AnyOperation>(
    operation: Omit<Kind, 'invokedAt' | 'returnedAt' | 'outcome'>,
  ): Kind {
    const begun = {
      ...operation,
      invokedAt: (this.#order += 1),
      returnedAt: Number.POSITIVE_INFINITY,
      outcome: 'open',
    } as Kind;
    this.operations.push(begun);
    return begun;
  }

  /** Notes a return. An unknown outcome stays open in time. */
  end(operation: AnyOperation, outcome: 'ok' | 'not-applied' | 'unknown'): void {
    operation.outcome = outcome;
    if (outcome !== 'unknown') operation.returnedAt = this.#order += 1;
  }
}

/** The operations of each register by itself: linearizability is local (Herlihy & Wing 1990). */
export function partition<Kind extends AnyOperation>(
  operations: readonly Kind[],
): Map<string, Kind[]> {
  const byRegister = new Map<string, Kind[]>();
  for (const operation of operations) {
    const own = byRegister.get(operation.register);
    if (own === undefined) byRegister.set(operation.register, [operation]);
    else own.push(operation);
  }
  return byRegister;
}
