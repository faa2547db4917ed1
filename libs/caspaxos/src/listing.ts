// Lists and scans: what a quorum of voters of one epoch names, merged. Summaries carry no MAC; an entry is settled only
// where voters agree, and whoever acts on an entry reads its register.
import type {
  AcceptorPort,
  ListReply,
  RefusedReply,
  ScanReply,
  UnreachableReply,
} from './acceptor-port.ts';
import { rowKey } from './acceptor.ts';
import type { Electorate, Membership } from './membership.ts';
import { isRegisterId } from './register-id.ts';
import type { ListEntry, RegisterId } from './register-store.ts';

type Entries = Extract<ListReply, { kind: 'list' }>['entries'];

/** Answers of a quorum of voters, the first that come; undefined when none can be had. */
export function askQuorum<Reply extends ListReply | ScanReply>(
  membership: Membership,
  electorate: Electorate,
  ask: (port: AcceptorPort) => Promise<Reply>,
): Promise<readonly Exclude<Reply, RefusedReply | UnreachableReply>[] | undefined> {
  type Answer = Exclude<Reply, RefusedReply | UnreachableReply>;
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
        if (reply.kind === 'refused') membership.learnFrom(reply, port.zone);
        else if (reply.kind !== 'unreachable') answers.push(reply as Answer);
        conclude();
      });
    }
  });
}

/**
 * Every committed entry is held by a quorum, so it is in at least one of these lists. Settled: all lists say exactly the
 * same. Unsettled entries (also those only some have: half-made, or removed) need a majority read. A name that no register
 * can have is left out: one acceptor that makes it up must not spoil the list.
 */
export function mergeLists(scope: string, lists: readonly Entries[]): readonly ListEntry[] {
  const merged = new Map<string, { ballot: string; summary: string; equal: number }>();
  for (const { name, ballot, summary } of lists.flat()) {
    if (!isRegisterId({ scope, name })) continue;
    const known = merged.get(name);
    if (known?.ballot === ballot && known.summary === summary) known.equal += 1;
    else if (known === undefined || ballot > known.ballot)
      merged.set(name, { ballot, summary, equal: 1 });
  }
  return [...merged].map(([name, { ballot, summary, equal }]) => ({
    id: { scope, name },
    ballot,
    summary,
    isSettled: equal === lists.length,
  }));
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
