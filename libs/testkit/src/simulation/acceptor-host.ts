// One simulated Redis: an acceptor's disk, the process in front of it, and the rules it runs. Restart, wipe and rollback
// happen here. The rules are an argument so that negative controls can hand in broken ones; production has no such seam.
import {
  accept,
  applyWrites,
  copyAcceptor,
  emptyAcceptor,
  format,
  installConfiguration,
  list,
  prepare,
  read,
  reincarnate,
  rowKey,
  scan,
  type AcceptorHeader,
  type AcceptorState,
  type AcceptorWrites,
  type Decided,
  type ListRow,
  type RegisterRow,
} from '@zonehold/caspaxos';

/** What an acceptor does with each message. */
export interface AcceptorRules {
  readonly prepare: typeof prepare;
  readonly accept: typeof accept;
  readonly read: typeof read;
  readonly list: typeof list;
  readonly scan: typeof scan;
  readonly format: typeof format;
  readonly installConfiguration: typeof installConfiguration;
  readonly reincarnate: typeof reincarnate;
}

export const realRules: AcceptorRules = {
  prepare,
  accept,
  read,
  list,
  scan,
  format,
  installConfiguration,
  reincarnate,
};

/** What one write replaced. */
interface Replaced {
  readonly header: AcceptorHeader | null;
  readonly written: RegisterRow | undefined;
  readonly row: RegisterRow | undefined;
  readonly listRow: ListRow | undefined;
}

/** A server process on a disk. A connection belongs to one run: nothing sent to an earlier run reaches a later one. */
export class AcceptorHost {
  readonly zone: string;
  readonly rules: AcceptorRules;
  state: AcceptorState = emptyAcceptor();
  /** Redis' `run_id`: changes with every start. */
  run = 1;
  isUp = true;
  /** Settings under which no process lets it vote. */
  isUnsafe = false;
  /** How long a flush takes. Replies leave after it, and requests wait for it (server-loop.ts). */
  syncMs = 0;
  /** Absent while every write is on disk before anything else happens. */
  #unsynced: Replaced[] | undefined;

  constructor(zone: string, rules: AcceptorRules = realRules) {
    this.zone = zone;
    this.rules = rules;
  }

  /** Keeps the writes and hands the reply out, as a script and its fsync do. */
  decide<Reply>(decided: Decided<Reply>): Reply {
    const { writes, reply } = decided;
    if (writes !== undefined) this.#unsynced?.push(this.#replacedBy(writes));
    applyWrites(this.state, writes);
    return reply;
  }

  get hasUnsynced(): boolean {
    return this.#unsynced !== undefined && this.#unsynced.length > 0;
  }

  /** From now on writes are not on disk until `endSync`. */
  beginSync(): void {
    this.#unsynced ??= [];
  }

  endSync(): void {
    this.#unsynced = undefined;
  }

  crash(): void {
    this.isUp = false;
  }

  /** The machine loses power: what was not flushed is gone. Nobody was told of it. */
  loseTail(): void {
    this.isUp = false;
    for (const { header, written, row, listRow } of (this.#unsynced ?? []).reverse()) {
      this.state.header = header;
      if (written !== undefined) this.#putBack(written, row, listRow);
    }
    this.endSync();
  }

  restart(): void {
    this.isUp = true;
    this.run += 1;
    this.endSync();
  }

  /** The disk is gone; the process starts on an empty one. */
  wipe(): void {
    this.state = emptyAcceptor();
    this.restart();
  }

  diskImage(): AcceptorState {
    return copyAcceptor(this.state);
  }

  /** The process starts on an older disk. */
  rollBackTo(image: AcceptorState): void {
    this.state = copyAcceptor(image);
    this.restart();
  }

  #replacedBy({ row }: AcceptorWrites): Replaced {
    const { header, registers, lists } = this.state;
    return {
      header,
      written: row,
      row: row && registers.get(rowKey(row.id)),
      listRow: row && lists.get(row.id.scope)?.get(row.id.name),
    };
  }

  #putBack({ id }: RegisterRow, row: RegisterRow | undefined, listRow: ListRow | undefined): void {
    const { registers, lists } = this.state;
    if (row === undefined) registers.delete(rowKey(id));
    else registers.set(rowKey(id), row);
    const list = lists.get(id.scope);
    if (listRow === undefined) list?.delete(id.name);
    else list?.set(id.name, listRow);
  }
}
