// Acceptors with a known mistake each, for negative controls: broken-variants.ts names them. Nothing else imports this.
import {
  accept,
  blankStamp,
  formatBallot,
  installConfiguration,
  parseBallot,
  prepare,
  read,
  rowKey,
  zeroBallot,
  type AcceptorState,
  type Stamp,
} from '@zonehold/caspaxos';
import { realRules, type AcceptorRules } from './acceptor-host.ts';

/** Erases the promise with the accept, as the paper's prose has it, and compares with the promise only. */
export const forgetfulRules: AcceptorRules = {
  ...realRules,
  prepare: (state, to, request) => {
    const row = state.registers.get(rowKey(request.id));
    const blind =
      row === undefined
        ? state
        : withRow(state, { ...row, accepted: { ...row.accepted, ballot: zeroBallot } });
    const decided = prepare(blind, to, request);
    if (row === undefined || decided.reply.kind !== 'promised' || decided.writes?.row === undefined)
      return decided;
    const { accepted } = row;
    return {
      reply: { kind: 'promised', accepted },
      writes: { ...decided.writes, row: { ...decided.writes.row, accepted } },
    };
  },
  accept: (state, to, request) => {
    const row = state.registers.get(rowKey(request.id));
    const blind =
      row === undefined
        ? state
        : withRow(state, { ...row, accepted: { ...row.accepted, ballot: zeroBallot } });
    const decided = accept(blind, to, request);
    if (decided.writes?.row === undefined) return decided;
    return {
      ...decided,
      writes: { ...decided.writes, row: { ...decided.writes.row, promise: zeroBallot } },
    };
  },
};

function withRow<
  State extends { readonly registers: ReadonlyMap<string, Row> },
  Row extends { readonly id: { scope: string; name: string } },
>(state: State, row: Row): State {
  return { ...state, registers: new Map(state.registers).set(rowKey(row.id), row) };
}

/** Answers whatever configuration a message was made under: no fence between epochs. */
export const fencelessRules: AcceptorRules = {
  ...realRules,
  prepare: (state, to, request) =>
    prepare(state, to, { ...request, stamp: ownStamp(state, request.stamp) }),
  accept: (state, to, request) =>
    accept(state, to, { ...request, stamp: ownStamp(state, request.stamp) }),
  read: (state, to, ids, stamp) => read(state, to, ids, ownStamp(state, stamp)),
};

function ownStamp({ header }: AcceptorState, stamp: Stamp): Stamp {
  return header === null || header.stamp === blankStamp ? stamp : header.stamp;
}

/** Takes any configuration over any other. */
export const credulousRules: AcceptorRules = {
  ...realRules,
  installConfiguration: (state, self, _expected, next) =>
    installConfiguration(
      state.header === null ? state : { ...state, header: { ...state.header, stamp: blankStamp } },
      self,
      blankStamp,
      next,
    ),
};

/** One zone's acceptor makes a value up, under the highest ballot that a proposer can still believe. */
export function lyingRules(zone: string, payloadOf: (register: string) => string): AcceptorRules {
  return {
    ...realRules,
    prepare: (state, to, request) => {
      const decided = prepare(state, to, request);
      const isLiar = state.header?.self.includes(`/${zone}/`) === true;
      if (!isLiar || decided.reply.kind !== 'promised') return decided;
      const { counter } = parseBallot(request.ballot);
      if (counter < 2n || request.id.scope === 'region') return decided;
      const ballot = formatBallot(counter - 1n, 'f'.repeat(16));
      const payload = payloadOf(request.id.name);
      return { ...decided, reply: { kind: 'promised', accepted: { ballot, payload, mac: '00' } } };
    },
  };
}
