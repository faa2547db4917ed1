// What a quorum of voters of one epoch answers, gathered: for lists (list-mirrors.ts) and for scans. What the answers mean
// is for those who ask.
import type { AcceptorPort, RefusedReply, UnreachableReply } from './acceptor-port.ts';
import { rowKey } from './acceptor.ts';
import type { Electorate, Membership } from './membership.ts';
import { isRegisterId } from './register-id.ts';
import type { RegisterId } from './register-store.ts';

/** Answers of a quorum of voters, the first that come; undefined when none can be had. */
export function askQuorum<Answer extends { readonly kind: string }>(
  membership: Membership,
  electorate: Electorate,
  ask: (port: AcceptorPort) => Promise<Answer | RefusedReply | UnreachableReply>,
): Promise<readonly Answer[] | undefined> {
  const { voters, quorum } = electorate;
  const ports = voters.filter((port) => port !== undefined);
  return new Promise((resolve) => {
    const answers: Answer[] = [];
    let silent = ports.length;
    const conclude = (): void => {
      if (answers.length === quorum) resolve([...answers]);
      else if (answers.length + silent < quorum) resolve(undefined);
    };
    conclude();
    for (const port of ports) {
      void ask(port).then((reply) => {
        silent -= 1;
        if (isRefusal(reply)) membership.learnFrom(reply, port.zone);
        else if (!isSilence(reply)) answers.push(reply);
        conclude();
      });
    }
  });
}

function isRefusal(reply: { readonly kind: string }): reply is RefusedReply {
  return reply.kind === 'refused';
}

function isSilence(reply: { readonly kind: string }): reply is UnreachableReply {
  return reply.kind === 'unreachable';
}

/** Every id that any of the voters asked has accepted something for; those that no register can have are left out. */
export function mergeScans(scans: readonly (readonly RegisterId[])[]): readonly RegisterId[] {
  return [
    ...new Map(
      scans
        .flat()
        .filter(isRegisterId)
        .map((id) => [rowKey(id), id]),
    ).values(),
  ];
}
