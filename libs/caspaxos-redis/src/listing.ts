// What is read besides registers: what changed in the list of a scope, and the index of all shards. What two zones'
// answers mean together is the proposer's matter.
import {
  zeroBallot,
  type ListChange,
  type ListReply,
  type ListRequest,
  type RefusedReply,
  type RegisterId,
  type ScanReply,
  type UnreachableReply,
} from '@zonehold/caspaxos';
import type { RedisCommand } from './call-queue.ts';
import { indexKey, listKey, logKey, shardCount, shardTag } from './redis-keys.ts';
import { isFields, isTexts, sequenceOf } from './reply-shapes.ts';

/** Runs commands at one moment of the acceptor; `seq` is its sequence at that moment. */
type Transaction = (
  commands: readonly RedisCommand[],
) => Promise<Rows | RefusedReply | UnreachableReply>;

export interface Rows {
  readonly kind: 'rows';
  readonly rows: readonly unknown[];
  readonly seq: number;
}

/** Hex digits of a ballot in front of a list line's summary; nothing follows where the register has no entry. */
const ballotLength = 32;

/** Members of one shard asked for at once, and shards per round trip: at most 64 Ki short names in one answer. */
const pageMax = 1_024;
const shardsPerTrip = 64;

/**
 * One page of changes: the names that the log holds after `sinceSeq`, then their lines. Two round trips, since a name is
 * only known after the first; a line that was written in between is later than its log entry said, which a caller may see
 * (it asks for what is so "then or later"), and stands in the log again, above this page's `throughSeq`.
 */
export async function listOf(
  { scope, sinceSeq, changesMax }: ListRequest,
  run: Transaction,
): Promise<ListReply> {
  const limit = ['LIMIT', '0', String(changesMax)];
  const log = await run([
    ['zrangebyscore', logKey(scope), `(${sinceSeq}`, '+inf', 'WITHSCORES', ...limit],
  ]);
  if (log.kind !== 'rows') return log;
  const touched = namesOf(log.rows[0], sinceSeq, changesMax);
  if (touched === undefined) return malformed;
  const { names, throughSeq } = touched;
  const isComplete = names.length < changesMax;
  const reached = { throughSeq: isComplete ? log.seq : throughSeq, isComplete };
  if (names.length === 0) return { kind: 'list', changes: [], ...reached };
  const lines = await run([['hmget', listKey(scope), ...names]]);
  if (lines.kind !== 'rows') return lines;
  const [texts] = lines.rows;
  if (!isFields(texts) || texts.length !== names.length) return malformed;
  return {
    kind: 'list',
    changes: names.map((name, at) => changeOf(name, texts[at] ?? zeroBallot)),
    ...reached,
  };
}

/** Name, sequence, name, sequence ..., rising from above `sinceSeq`. Undefined when it is not that. */
function namesOf(
  flat: unknown,
  sinceSeq: number,
  changesMax: number,
): { readonly names: readonly string[]; readonly throughSeq: number } | undefined {
  if (!isTexts(flat) || flat.length % 2 !== 0 || flat.length > 2 * changesMax) return undefined;
  const names: string[] = [];
  let throughSeq = sinceSeq;
  for (let at = 0; at < flat.length; at += 2) {
    const seq = sequenceOf(flat[at + 1]);
    if (seq === undefined || seq < throughSeq || seq <= sinceSeq) return undefined;
    throughSeq = seq;
    names.push(flat[at] ?? '');
  }
  return { names, throughSeq };
}

function changeOf(name: string, line: string): ListChange {
  const summary = line.slice(ballotLength);
  return { name, ballot: line.slice(0, ballotLength), summary: summary === '' ? null : summary };
}

/** Every register whose name starts with `namePrefix`, shard by shard: names only grow, so several trips are sound. */
export async function scanOf(namePrefix: string, run: Transaction): Promise<ScanReply> {
  const ids: RegisterId[] = [];
  let due = Array.from({ length: shardCount }, (_, shard) => ({
    tag: shardTag(shard),
    after: '-',
  }));
  while (due.length > 0) {
    const trip = due.slice(0, shardsPerTrip);
    const answer = await run(
      trip.map(({ tag, after }) => [
        'zrangebylex',
        indexKey(tag),
        after,
        '+',
        'LIMIT',
        '0',
        String(pageMax),
      ]),
    );
    if (answer.kind !== 'rows') return answer;
    const { rows } = answer;
    if (!rows.every(isTexts)) return malformed;
    const pages: readonly (readonly string[])[] = rows;
    for (const member of pages.flat()) addMatch(ids, member, namePrefix);
    const unfinished = trip.flatMap(({ tag }, position) => {
      const page = pages[position] ?? [];
      return page.length < pageMax ? [] : [{ tag, after: `(${page.at(-1) ?? ''}` }];
    });
    due = [...unfinished, ...due.slice(shardsPerTrip)];
  }
  return { kind: 'ids', ids };
}

const malformed: UnreachableReply = {
  kind: 'unreachable',
  wasSent: true,
  reason: 'the reply has not the shape of a list',
};

function addMatch(ids: RegisterId[], member: string, namePrefix: string): void {
  const slash = member.indexOf('/');
  if (slash < 0) return;
  const name = member.slice(slash + 1);
  if (name.startsWith(namePrefix)) ids.push({ scope: member.slice(0, slash), name });
}
