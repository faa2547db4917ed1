// A round that keeps what is there and waits for every acceptor, not only for a majority: afterwards no disk holds an older
// value of the register in its memory, and no late accept can bring one back. Used by erasure.
import { KmsError, type Deadline } from '@zonehold/primitives';
import { zeroBallot, type AcceptorPort, type AcceptReply } from './acceptor-port.ts';
import type { ChangeContext } from './change.ts';
import type { Electorate } from './membership.ts';
import type { RegisterId } from './register-store.ts';
import { runAccept, runPrepare } from './run-round.ts';
import { decodeEnvelope, encodeEnvelope, nothing } from './value-envelope.ts';

/** See RegisterStore.reseal. `zoneCount`: acceptors that the region has when no zone is left out. */
export async function resealRegister(
  context: ChangeContext,
  id: RegisterId,
  zoneCount: number,
  deadline: Deadline,
): Promise<{ readonly isEverywhere: boolean }> {
  let seen = zeroBallot;
  for (let attempt = 0; attempt < context.noQuorumAttemptsMax; attempt += 1) {
    if (deadline.hasPassed()) break;
    const electorate = context.membership.electorate();
    const timeoutMs = Math.max(1, Math.min(context.phaseTimeoutMs, deadline.remainingMs()));
    const plan = { id, electorate, ballot: context.nextBallot(seen), timeoutMs };
    const promised = await runPrepare(context, plan);
    if (promised.kind === 'promised') {
      const envelope = decodeEnvelope(promised.highest.payload) ?? nothing;
      const heard = listenTo(electorate);
      const listened = { ...plan, electorate: heard.electorate };
      const payload = encodeEnvelope(envelope);
      const end = await runAccept(context, listened, promised, payload, envelope.summary);
      if (end.kind === 'committed') {
        const isEverywhere = (await heard.acceptedCount()) === zoneCount;
        return { isEverywhere };
      }
      seen = end.seen > seen ? end.seen : seen;
    } else {
      seen = promised.seen > seen ? promised.seen : seen;
    }
    await context.backOff(attempt, deadline);
  }
  throw new KmsError('UNAVAILABLE', 'no majority of zones answered; nothing was changed');
}

/** The same electorate; `acceptedCount` waits for the answer of everyone who was asked to accept, within the ports' timeouts. */
function listenTo(electorate: Electorate): {
  readonly electorate: Electorate;
  acceptedCount(): Promise<number>;
} {
  const replies: Promise<AcceptReply>[] = [];
  const heard = (port: AcceptorPort | undefined): AcceptorPort | undefined =>
    port && {
      zone: port.zone,
      read: (ids, stamp, timeoutMs) => port.read(ids, stamp, timeoutMs),
      prepare: (request, timeoutMs) => port.prepare(request, timeoutMs),
      accept: (request, timeoutMs) => {
        const reply = port.accept(request, timeoutMs);
        replies.push(reply);
        return reply;
      },
      list: (scope, stamp, timeoutMs) => port.list(scope, stamp, timeoutMs),
      scan: (namePrefix, stamp, timeoutMs) => port.scan(namePrefix, stamp, timeoutMs),
      standing: () => port.standing(),
      close: () => port.close(),
    };
  return {
    electorate: {
      ...electorate,
      voters: electorate.voters.map(heard),
      learner: heard(electorate.learner),
    },
    acceptedCount: async () => {
      const answered = await Promise.all(replies);
      return answered.filter(({ kind }) => kind === 'accepted').length;
    },
  };
}
