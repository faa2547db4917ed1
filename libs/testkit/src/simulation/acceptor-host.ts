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
  scan,
  type AcceptorState,
  type Decided,
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

/** A server process on a disk. A connection belongs to one run: nothing sent to an earlier run reaches a later one. */
export class AcceptorHost {
  readonly zone: string;
  readonly rules: AcceptorRules;
  state: AcceptorState = emptyAcceptor();
  /** Redis' `run_id`: changes with every start. */
  run = 1;
  isUp = true;

  constructor(zone: string, rules: AcceptorRules = realRules) {
    this.zone = zone;
    this.rules = rules;
  }

  /** Keeps the writes and hands the reply out, as a script and its fsync do. */
  decide<Reply>(decided: Decided<Reply>): Reply {
    applyWrites(this.state, decided.writes);
    return decided.reply;
  }

  crash(): void {
    this.isUp = false;
  }

  restart(): void {
    this.isUp = true;
    this.run += 1;
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
}
