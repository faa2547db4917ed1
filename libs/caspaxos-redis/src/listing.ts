// What is read besides registers: the list of a scope, and the index of all shards. What two zones' answers mean
// together is the proposer's matter.
import type {
  ListReply,
  RefusedReply,
  RegisterId,
  ScanReply,
  UnreachableReply,
} from '@zonehold/caspaxos';
import type { RedisCommand } from './call-queue.ts';
import { indexKey, listKey, shardCount, shardTag } from './redis-keys.ts';
import { isTexts } from './reply-shapes.ts';
import { parsePairs } from './safety-settings.ts';

type Transaction = (
  commands: readonly RedisCommand[],
) => Promise<readonly unknown[] | RefusedReply | UnreachableReply>;

/** Hex digits of a ballot in front of a list line's summary. */
const ballotLength = 32;

/** Members of one shard asked for at once, and shards per round trip: at most 64 Ki short names in one answer. */
const pageMax = 1_024;
const shardsPerTrip = 64;

/** All lines of one scope's list, of one moment. */
export async function listOf(scope: string, run: Transaction): Promise<ListReply> {
  const rows = await run([['hgetall', listKey(scope)]]);
  if (!isRows(rows)) return rows;
  const [flat] = rows;
  if (!isTexts(flat)) return malformed;
  const lines = parsePairs(flat);
  const entries = [...lines].map(([name, line]) => ({
    name,
    ballot: line.slice(0, ballotLength),
    summary: line.slice(ballotLength),
  }));
  return { kind: 'list', entries };
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
    const rows = await run(
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
    if (!isRows(rows)) return rows;
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

function isRows(
  rows: readonly unknown[] | RefusedReply | UnreachableReply,
): rows is readonly unknown[] {
  return Array.isArray(rows);
}
