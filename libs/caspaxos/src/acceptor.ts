// The acceptor's rules without its storage: state in, reply and writes out. The Lua scripts of caspaxos-redis say the
// same again, and one contract runs against both. Not a proposer, and it checks no MAC: it holds no key.
import { assert } from '@zonehold/primitives';
import {
  zeroBallot,
  type Accepted,
  type AcceptReply,
  type AcceptRequest,
  type InstallReply,
  type ListChange,
  type ListReply,
  type ListRequest,
  type PrepareReply,
  type PrepareRequest,
  type ReadReply,
  type RefusedReply,
  type ScanReply,
  type SignedConfiguration,
  type Stamp,
  type StampedConfiguration,
} from './acceptor-port.ts';
import { isBallot } from './ballot.ts';
import { blankStamp, epochOf } from './configuration.ts';
import type { RegisterId } from './register-store.ts';

/** What an acceptor knows of itself. `seq` counts its writes; `peers` is the highest seq it was told of each peer. */
export interface AcceptorHeader {
  readonly self: string;
  readonly stamp: Stamp;
  readonly configuration: SignedConfiguration;
  readonly seq: number;
  readonly peers: Readonly<Record<string, number>>;
}

/** One register on one acceptor. */
export interface RegisterRow {
  readonly id: RegisterId;
  readonly promise: string;
  readonly accepted: Accepted;
}

/** One line of a scope's list, with its entry in the change log. Every accepted register has one, for ever. */
export interface ListRow extends ListChange {
  /** The acceptor's sequence after the accept that wrote it. */
  readonly seq: number;
}

/** All an acceptor keeps on disk. `header` null: never formatted, or wiped. Rows are never changed in place. */
export interface AcceptorState {
  header: AcceptorHeader | null;
  readonly registers: Map<string, RegisterRow>;
  /** By scope and name, in the order of `seq`. */
  readonly lists: Map<string, Map<string, ListRow>>;
}

/** Writes that cannot fail; all of them or none are kept. */
export interface AcceptorWrites {
  readonly header: AcceptorHeader;
  readonly row?: RegisterRow;
  /** The row's line in its scope's list. */
  readonly listRow?: ListRow;
}

/** A reply and what must be on disk before it leaves. */
export interface Decided<Reply> {
  readonly reply: Reply;
  readonly writes?: AcceptorWrites;
}

/** What a look at an acceptor showed. */
export interface SeenAcceptor {
  readonly self: string;
  readonly stamp: Stamp;
}

/** Who is meant, and what the sender has seen of the others (acceptor id → seq). */
export interface Address {
  readonly self: string;
  readonly peers: Readonly<Record<string, number>>;
}

/** What an acceptor shows that no configuration has admitted yet. */
export const blankConfiguration: SignedConfiguration = { text: '', mac: '' };

const nothingAccepted: Accepted = { ballot: zeroBallot, payload: '', mac: '' };

/** The key of a register's row: unique, since a scope holds no '/'. */
export function rowKey(id: RegisterId): string {
  return `${id.scope}/${id.name}`;
}

/** An acceptor that was never formatted: it refuses everything but `format`. */
export function emptyAcceptor(): AcceptorState {
  return { header: null, registers: new Map(), lists: new Map() };
}

/** An independent copy, as a disk image would be. */
export function copyAcceptor(state: AcceptorState): AcceptorState {
  return {
    header: state.header,
    registers: new Map(state.registers),
    lists: new Map([...state.lists].map(([scope, rows]) => [scope, new Map(rows)])),
  };
}

/** Keeps what was decided. */
export function applyWrites(state: AcceptorState, writes: AcceptorWrites | undefined): void {
  if (writes === undefined) return;
  state.header = writes.header;
  const { row, listRow } = writes;
  if (row === undefined) return;
  state.registers.set(rowKey(row.id), row);
  if (listRow === undefined) return;
  let rows = state.lists.get(row.id.scope);
  if (rows === undefined) state.lists.set(row.id.scope, (rows = new Map<string, ListRow>()));
  // Deleted first, so that the rows stay in the order of their sequence.
  rows.delete(listRow.name);
  rows.set(listRow.name, listRow);
}

/** The header if this is the acceptor that is meant, else the refusal. */
function recognise(header: AcceptorHeader | null, self: string): AcceptorHeader | RefusedReply {
  if (header === null) {
    const reason = 'the acceptor has no identity: its disk is empty';
    return { kind: 'refused', standing: 'wiped', reason };
  }
  if (header.self === self) return header;
  return { kind: 'refused', standing: 'foreign', reason: 'the acceptor bears another identity' };
}

function staleEpoch(header: AcceptorHeader): RefusedReply {
  const reason = 'the message was made under another configuration';
  const refused: RefusedReply = { kind: 'refused', standing: 'stale-epoch', reason };
  return header.stamp === blankStamp
    ? refused
    : { ...refused, configuration: header.configuration };
}

/** As `recognise`, and also only in the epoch the message was made under. */
function admit(
  header: AcceptorHeader | null,
  self: string,
  stamp: Stamp,
): AcceptorHeader | RefusedReply {
  const known = recognise(header, self);
  return isRefused(known) || known.stamp === stamp ? known : staleEpoch(known);
}

function isRefused(admitted: AcceptorHeader | RefusedReply): admitted is RefusedReply {
  return 'kind' in admitted;
}

/** The header after one more write: the sequence moves, and what is known of peers never goes down. */
function advanced(header: AcceptorHeader, told: Readonly<Record<string, number>>): AcceptorHeader {
  const peers: Record<string, number> = { ...header.peers };
  for (const [peer, seq] of Object.entries(told)) peers[peer] = Math.max(peers[peer] ?? 0, seq);
  return { ...header, seq: header.seq + 1, peers };
}

/**
 * Phase 1. Promises only a ballot above everything promised and accepted (strictly: a ballot is prepared once; TLA+
 * `m.bal > prepared[a]`), and shows what was accepted last.
 */
export function prepare(
  state: AcceptorState,
  to: Address,
  { id, stamp, ballot }: PrepareRequest,
): Decided<PrepareReply> {
  assert(isBallot(ballot) && ballot > zeroBallot, 'prepare needs a real ballot');
  const header = admit(state.header, to.self, stamp);
  if (isRefused(header)) return { reply: header };
  const row = state.registers.get(rowKey(id));
  const promise = row?.promise ?? zeroBallot;
  const accepted = row?.accepted ?? nothingAccepted;
  if (ballot <= promise || ballot <= accepted.ballot) {
    return { reply: { kind: 'conflict', promise, accepted: accepted.ballot } };
  }
  return {
    reply: { kind: 'promised', accepted },
    writes: { header: advanced(header, to.peers), row: { id, promise: ballot, accepted } },
  };
}

/**
 * Phase 2. Refuses below what was promised or accepted; else stores the value and raises the promise with it (an acceptor
 * that does not raise it is a well-known bug). The same ballot and payload again is the same success; the same ballot
 * with another payload is a `clash`, and what is there stays.
 */
export function accept(
  state: AcceptorState,
  to: Address,
  request: AcceptRequest,
): Decided<AcceptReply> {
  const { id, stamp, ballot, payload, mac, summary } = request;
  assert(
    isBallot(ballot) && ballot > zeroBallot && payload !== '' && summary !== '',
    'accept needs a real ballot, a payload and no empty summary',
  );
  const header = admit(state.header, to.self, stamp);
  if (isRefused(header)) return { reply: header };
  const row = state.registers.get(rowKey(id));
  const promise = row?.promise ?? zeroBallot;
  const accepted = row?.accepted ?? nothingAccepted;
  if (accepted.ballot === ballot) {
    return { reply: { kind: accepted.payload === payload ? 'accepted' : 'clash' } };
  }
  if (ballot < promise || ballot < accepted.ballot) {
    return { reply: { kind: 'conflict', promise, accepted: accepted.ballot } };
  }
  const next = advanced(header, to.peers);
  return {
    reply: { kind: 'accepted' },
    writes: {
      header: next,
      row: { id, promise: ballot, accepted: { ballot, payload, mac } },
      listRow: { name: id.name, ballot, summary, seq: next.seq },
    },
  };
}

/** What was accepted last, per id; promises do not matter to a read. One refusal stands for all. */
export function read(
  state: AcceptorState,
  to: Address,
  ids: readonly RegisterId[],
  stamp: Stamp,
): readonly ReadReply[] {
  const header = admit(state.header, to.self, stamp);
  return ids.map((id) =>
    isRefused(header)
      ? header
      : { kind: 'state', accepted: state.registers.get(rowKey(id))?.accepted ?? nothingAccepted },
  );
}

/** The lines of one scope's list that were written after `sinceSeq`, oldest first. */
export function list(state: AcceptorState, to: Address, request: ListRequest): ListReply {
  const { scope, stamp, sinceSeq, changesMax } = request;
  const header = admit(state.header, to.self, stamp);
  if (isRefused(header)) return header;
  const rows = [...(state.lists.get(scope)?.values() ?? [])].filter(({ seq }) => seq > sinceSeq);
  const page = rows.slice(0, changesMax);
  const isComplete = page.length < changesMax;
  return {
    kind: 'list',
    changes: page.map(({ name, ballot, summary }) => ({ name, ballot, summary })),
    throughSeq: isComplete ? header.seq : (page.at(-1)?.seq ?? sinceSeq),
    isComplete,
  };
}

/** Every register ever accepted whose name starts with `namePrefix`; bare promises are not registers. */
export function scan(
  state: AcceptorState,
  to: Address,
  namePrefix: string,
  stamp: Stamp,
): ScanReply {
  const header = admit(state.header, to.self, stamp);
  if (isRefused(header)) return header;
  const ids = [...state.registers.values()]
    .filter(({ id, accepted }) => accepted.ballot !== zeroBallot && id.name.startsWith(namePrefix))
    .map(({ id }) => id);
  return { kind: 'ids', ids };
}

/** Gives an empty acceptor its identity and first configuration. Repeating it unchanged is allowed, anything else is not. */
export function format(
  state: AcceptorState,
  self: string,
  configuration: SignedConfiguration,
  stamp: Stamp,
): Decided<InstallReply> {
  const { header } = state;
  if (header === null && state.registers.size === 0) {
    return {
      reply: { kind: 'installed' },
      writes: { header: { self, stamp, configuration, seq: 0, peers: {} } },
    };
  }
  if (header?.self === self && header.stamp === stamp) return { reply: { kind: 'installed' } };
  return { reply: { kind: 'refused', standing: 'foreign', reason: 'the acceptor is not empty' } };
}

/**
 * Gives an acceptor of ours that is out of every configuration a new incarnation, and takes its configuration away: it
 * is blank until one admits it. Its rows stay: what it accepted was really accepted, and is outvoted where it is old.
 * Refused unless it is exactly what was seen, so that of two rivals one succeeds, and a late errand cannot hit one that was
 * admitted since. `nextSelf` must be new in the world.
 */
export function reincarnate(
  state: AcceptorState,
  seen: SeenAcceptor,
  nextSelf: string,
): Decided<InstallReply> {
  const header = recognise(state.header, seen.self);
  if (isRefused(header)) return { reply: header };
  if (header.stamp !== seen.stamp) return { reply: staleEpoch(header) };
  assert(nextSelf !== seen.self, 'a new incarnation differs from the old one');
  return {
    reply: { kind: 'installed' },
    writes: {
      header: {
        ...header,
        self: nextSelf,
        stamp: blankStamp,
        configuration: blankConfiguration,
        seq: header.seq + 1,
      },
    },
  };
}

/**
 * Installs epoch e+1 over the very configuration `expected` (epoch and digest), or confirms the identical one; over the
 * blank stamp any epoch, since a blank acceptor has never taken part. Anything else is refused, with the configuration
 * that is there.
 */
export function installConfiguration(
  state: AcceptorState,
  self: string,
  expected: Stamp,
  next: StampedConfiguration,
): Decided<InstallReply> {
  const header = recognise(state.header, self);
  if (isRefused(header)) return { reply: header };
  if (header.stamp === next.stamp) return { reply: { kind: 'installed' } };
  const isNext = expected === blankStamp || epochOf(next.stamp) === (epochOf(expected) ?? NaN) + 1;
  if (header.stamp !== expected || !isNext) return { reply: staleEpoch(header) };
  return {
    reply: { kind: 'installed' },
    writes: {
      header: {
        ...header,
        stamp: next.stamp,
        configuration: next.configuration,
        seq: header.seq + 1,
      },
    },
  };
}
