// Proposers and readers with a known mistake each, for negative controls: broken-variants.ts names them. Nothing else
// imports this.
import {
  formatStamp,
  laterBallot,
  rowKey,
  zeroBallot,
  type Accepted,
  type AcceptorPort,
  type Authenticator,
  type Ballot,
  type ReconfigurableStore,
  type RefusedReply,
  type RegisterState,
  type RegisterStore,
  type Stamp,
} from '@zonehold/caspaxos';
import { decideRead } from '@zonehold/caspaxos/internal';
import type { WrapPort } from './host-ports.ts';

/** Takes the highest ballot of a quorum for the value: it may belong to a write that nobody committed. */
export const maxOfQuorum: typeof decideRead = (repliesByVoter, index, quorum) => {
  let best: Accepted | undefined;
  let states = 0;
  for (const replies of repliesByVoter) {
    const reply = replies?.[index];
    if (reply?.kind !== 'state') continue;
    states += 1;
    if (best === undefined || reply.accepted.ballot > best.ballot) best = reply.accepted;
  }
  return states >= quorum && best !== undefined ? best : decideRead(repliesByVoter, index, quorum);
};

/** Believes the first zone that answers: what it says is absent, or refused, may be there. */
export const oneZonesWord: typeof decideRead = (repliesByVoter, index, quorum) => {
  for (const replies of repliesByVoter) {
    const reply = replies?.[index];
    if (reply?.kind === 'state') return reply.accepted;
  }
  return decideRead(repliesByVoter, index, quorum);
};

interface KeptPromise {
  readonly ballot: Ballot;
  readonly accepted: Accepted;
}

/**
 * gryadka's mistake (reference A1, bug 1): after an accept that failed without a conflict, the kept promise serves the next
 * round too, so one ballot carries two values.
 */
export function reuseBallots(authenticator: Authenticator): WrapPort {
  const kept = new Map<string, KeptPromise>();
  const standsFor = new Map<Ballot, KeptPromise>();
  const highest = new Map<Ballot, Accepted>();
  const refusals = new Map<Ballot, number>();
  return (port: AcceptorPort): AcceptorPort => ({
    zone: port.zone,
    read: (...call) => port.read(...call),
    list: (...call) => port.list(...call),
    scan: (...call) => port.scan(...call),
    install: (...call) => port.install(...call),
    standing: () => port.standing(),
    close: () => port.close(),
    prepare: async (request, timeoutMs) => {
      const key = rowKey(request.id);
      const promise = kept.get(key);
      if (promise !== undefined) standsFor.set(request.ballot, promise);
      kept.delete(key);
      const stand = standsFor.get(request.ballot);
      if (stand !== undefined) return { kind: 'promised', accepted: stand.accepted };
      const reply = await port.prepare(request, timeoutMs);
      if (reply.kind === 'promised') {
        const known = highest.get(request.ballot);
        const isLater =
          laterBallot(known?.ballot ?? zeroBallot, reply.accepted.ballot) === reply.accepted.ballot;
        if (known === undefined || isLater) highest.set(request.ballot, reply.accepted);
      }
      return reply;
    },
    accept: async (request, timeoutMs) => {
      const ballot = standsFor.get(request.ballot)?.ballot ?? request.ballot;
      const accepted = standsFor.get(request.ballot)?.accepted ?? highest.get(request.ballot);
      const mac = authenticator.sign(request.id, ballot, request.payload);
      const reply = await port.accept({ ...request, ballot, mac }, timeoutMs);
      if (reply.kind === 'unreachable') {
        const count = (refusals.get(request.ballot) ?? 0) + 1;
        refusals.set(request.ballot, count);
        if (count === 2 && accepted !== undefined)
          kept.set(rowKey(request.id), { ballot, accepted });
      } else if (reply.kind !== 'accepted') {
        refusals.set(request.ballot, Number.NaN);
      }
      return reply;
    },
  });
}

/** A message that is refused for its epoch is sent again under the acceptor's own: replies of two epochs make a quorum. */
export function mixEpochs(authenticator: Authenticator): WrapPort {
  const stampShown = (reply: { readonly kind: string }): Stamp | undefined => {
    const { configuration, standing } = reply as RefusedReply;
    if (reply.kind !== 'refused' || standing !== 'stale-epoch' || configuration === undefined)
      return undefined;
    const { epoch } = JSON.parse(configuration.text) as { epoch: number };
    return formatStamp(epoch, authenticator.digest(configuration.text));
  };
  return (port) => ({
    ...forwarding(port),
    read: async (ids, stamp, timeoutMs) => {
      const replies = await port.read(ids, stamp, timeoutMs);
      const other = replies[0] && stampShown(replies[0]);
      return other === undefined ? replies : port.read(ids, other, timeoutMs);
    },
    prepare: async (request, timeoutMs) => {
      const reply = await port.prepare(request, timeoutMs);
      const stamp = stampShown(reply);
      return stamp === undefined ? reply : port.prepare({ ...request, stamp }, timeoutMs);
    },
    accept: async (request, timeoutMs) => {
      const reply = await port.accept(request, timeoutMs);
      const stamp = stampShown(reply);
      return stamp === undefined ? reply : port.accept({ ...request, stamp }, timeoutMs);
    },
  });
}

function forwarding(port: AcceptorPort): AcceptorPort {
  return {
    zone: port.zone,
    read: (...call) => port.read(...call),
    prepare: (...call) => port.prepare(...call),
    accept: (...call) => port.accept(...call),
    list: (...call) => port.list(...call),
    scan: (...call) => port.scan(...call),
    install: (...call) => port.install(...call),
    standing: () => port.standing(),
    close: () => port.close(),
  };
}

/** Who reads a register while a read of it is under way gets that one's answer. */
export function coalesceReads(store: ReconfigurableStore): Pick<RegisterStore, 'read' | 'change'> {
  const underWay = new Map<string, Promise<readonly RegisterState[]>>();
  return {
    change: (...call) => store.change(...call),
    read: (ids, deadline) => {
      const key = ids.map(rowKey).join(' ');
      const known = underWay.get(key);
      if (known !== undefined) return known;
      const reading = store.read(ids, deadline).finally(() => underWay.delete(key));
      underWay.set(key, reading);
      return reading;
    },
  };
}
