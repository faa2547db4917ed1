// Reads and changes the rebuild's register for one controller, with the lease that keeps rivals from doing the same work.
import type { Clock, Deadline } from '@zonehold/primitives';
import type { AcceptorAddress } from '../acceptor-port.ts';
import type { RegisterStore } from '../register-store.ts';
import {
  decodeRebuild,
  encodeRebuild,
  rebuildRegister,
  type OpenRebuild,
  type RebuildRecord,
  type SealProgress,
} from './record.ts';

/** How long a holder that says nothing keeps the work: five renewals, and what a rebuild may stand still after a kill -9. */
export const leaseMs = 5_000;

export interface RecordKeeperOptions {
  readonly store: RegisterStore;
  readonly clock: Clock;
  /** Names this process in leases. */
  readonly holder: string;
}

/** Characters of a sentence in the register. */
const waitsForMax = 200;

/** What a changed record is; `undefined` leaves it as it is. */
type Next = (record: RebuildRecord, nowMs: number) => RebuildRecord | undefined;

/** See the head of the file. All methods fail as the store does. */
export class RecordKeeper {
  readonly #store: RegisterStore;
  readonly #clock: Clock;
  readonly #holder: string;

  constructor({ store, clock, holder }: RecordKeeperOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#holder = holder;
  }

  async read(deadline: Deadline): Promise<RebuildRecord> {
    const [state] = await this.#store.read([rebuildRegister], deadline);
    return decodeRebuild(state?.value ?? null);
  }

  /** Takes or renews the lease; undefined while another holds it, and when no rebuild is open any more. */
  async lease(deadline: Deadline): Promise<RebuildRecord | undefined> {
    const record = await this.#change(deadline, (current, nowMs) =>
      current.open === null || this.#isAnothers(current, nowMs) ? undefined : current,
    );
    return record.lease?.holder === this.#holder ? record : undefined;
  }

  /** Opens a rebuild unless one is open; resolves with the one that is. */
  async open(
    rebuild: Pick<OpenRebuild, 'zone' | 'cause' | 'incarnation' | 'formerAddress'> & {
      readonly address: AcceptorAddress | undefined;
    },
    deadline: Deadline,
  ): Promise<OpenRebuild | null> {
    const { address, ...what } = rebuild;
    const record = await this.#change(deadline, (current, nowMs) =>
      current.open !== null
        ? undefined
        : {
            ...current,
            open: { ...what, openedAtMs: nowMs, ...(address === undefined ? {} : { address }) },
          },
    );
    return record.open;
  }

  /** Records progress and renews the lease; false when the work is another's by now. */
  async saveSeal(seal: SealProgress, deadline: Deadline): Promise<boolean> {
    const record = await this.#change(deadline, (current, nowMs) =>
      current.open === null || this.#isAnothers(current, nowMs)
        ? undefined
        : { ...current, open: withoutWait({ ...current.open, seal }) },
    );
    return record.lease?.holder === this.#holder && record.open !== null;
  }

  /** Sends the open rebuild of a zone without a vote to another address. Resolves with the rebuild that is open. */
  async redirect(
    zone: string,
    address: AcceptorAddress,
    deadline: Deadline,
  ): Promise<OpenRebuild | null> {
    const record = await this.#change(deadline, (current) =>
      current.open?.zone === zone ? { ...current, open: { ...current.open, address } } : undefined,
    );
    return record.open;
  }

  /** Says why it does not go on, unless another works on it and knows better. */
  async wait(reason: string, deadline: Deadline): Promise<void> {
    // It may quote what a Redis that is not ours says of itself.
    const waitsFor = reason.slice(0, waitsForMax);
    await this.#change(deadline, (current, nowMs) =>
      current.open === null ||
      current.open.waitsFor === waitsFor ||
      this.#isAnothers(current, nowMs)
        ? undefined
        : { ...current, open: { ...current.open, waitsFor } },
    );
  }

  /** Ends `done`, if that is the rebuild that is open: not another of the same zone that was opened since. */
  async close(done: OpenRebuild, deadline: Deadline): Promise<RebuildRecord> {
    return this.#change(deadline, (current, nowMs) => {
      const { open } = current;
      const { zone, cause, openedAtMs } = done;
      const isDone = open?.zone === zone && open.cause === cause && open.openedAtMs === openedAtMs;
      // Who lost the lease meanwhile has seen what is not so any more.
      if (!isDone || current.lease?.holder !== this.#holder) return undefined;
      const { seal } = open;
      const records = seal?.total ?? 0;
      const last = { zone, cause, openedAtMs, finishedAtMs: nowMs, records };
      return { open: null, last, lease: null };
    });
  }

  /** A lease of the far future was taken by a clock that was wrong: it must not stop the work until then. */
  #isAnothers({ lease }: RebuildRecord, nowMs: number): boolean {
    if (lease === null || lease.holder === this.#holder) return false;
    return lease.untilMs > nowMs && lease.untilMs <= nowMs + 2 * leaseMs;
  }

  /** Whoever writes holds the lease from then on, unless another does. */
  async #change(deadline: Deadline, next: Next): Promise<RebuildRecord> {
    const nowMs = this.#clock.wallMs();
    const { result } = await this.#store.change<RebuildRecord>(
      rebuildRegister,
      (text) => {
        const current = decodeRebuild(text);
        const changed = next(current, nowMs);
        if (changed === undefined) return { kind: 'keep', result: current };
        const lease =
          changed.open === null && changed.last !== current.last
            ? null
            : this.#isAnothers(current, nowMs)
              ? current.lease
              : { holder: this.#holder, untilMs: nowMs + leaseMs };
        const record = { ...changed, lease };
        return { kind: 'write', value: encodeRebuild(record), summary: null, result: record };
      },
      deadline,
    );
    return result;
  }
}

function withoutWait({ waitsFor: _done, ...open }: OpenRebuild): OpenRebuild {
  return open;
}
