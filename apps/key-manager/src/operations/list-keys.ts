// GET /keys: selection, search and order from the list's summaries, the page's records from a majority.
import {
  fullKey,
  invalidQuery,
  keyPage,
  type ApiRefusal,
  type FullKeyBody,
  type KeyCountQuery,
  type KeyPageBody,
  type ListKeysQuery,
  type OperationReply,
} from '@zonehold/api-contract';
import {
  isSelected,
  KeyPageCollector,
  KeySearchCollector,
  searchSpaceMax,
  searchTest,
  summaryOf,
  type KeySelection,
  type ListedKey,
} from '@zonehold/key-domain';
import { livingKey } from '../key-repository.ts';
import { refuse, wireContext, type InstanceCall, type OperationPorts } from '../operation.ts';

/** A reply must fit a frame of 8 MiB with its envelope. 5,000 keys are 4 to 5 MB, unless all have long descriptions and tags. */
const pageMaxBytes = 8_300_000;
/** Records of a page read at once: 25 take half a millisecond of this process, so that others are not held up by a page. */
const readBatchMin = 25;
/** A page of 5,000 must not take a round trip for each 25: its caller has a deadline. */
const readsPerPageMax = 40;
/** Pages below this many keys fit whatever the keys carry: at most 10 kB each, all of it escaped. */
const safePageKeys = 800;

/** What restricts a list or a count, from its query and the ring header. */
export function selectionOf({ request, keyRings }: InstanceCall): KeySelection {
  const { states, isExtractable, dates } = request.query as KeyCountQuery;
  const { keyRingId: id } = request;
  return {
    ...(states === undefined ? {} : { states }),
    ...(isExtractable === undefined ? {} : { isExtractable }),
    ...(dates === undefined ? {} : { dates }),
    ...(id === undefined ? {} : { ring: { id, rings: keyRings } }),
  };
}

/** 200 with one page of full keys without payloads (reference §6.3). Keys with a per-key grant alone are not listed. */
export async function listKeys(ports: OperationPorts, call: InstanceCall): Promise<OperationReply> {
  const { instance, nowMs, deadline } = call;
  const query = call.request.query as ListKeysQuery;
  const { search, isTotalWanted } = query;
  const selection = selectionOf(call);
  const collector =
    search === undefined
      ? new KeyPageCollector({ selection, page: query, isTotalWanted, nowMs })
      : new KeySearchCollector({ search, selection, page: query, nowMs });
  for await (const slice of ports.index.slices(instance.instanceId, deadline)) {
    collector.take(slice);
    if (!collector.isHungry) break;
  }
  const reach = collector instanceof KeySearchCollector ? collector.reach : 'whole';
  if (reach === 'too-broad') return refuse(tooBroad);
  const page = await ports.turns.run(collector.page());
  const isFound = search === undefined ? () => true : searchTest(search);
  // The register may have moved on since it was listed: what no longer fits is not shown.
  const isShown = (key: ListedKey): boolean => isSelected(key, selection, nowMs) && isFound(key);
  const findings = { total: collector.total, isSearchIncomplete: reach === 'direct' };
  const body = keyPage(await readPage(ports, call, page, isShown), query, findings);
  return isTooLarge(body) ? refuse(tooLarge) : { ok: true, status: 200, body };
}

/** The page's records as they are now, in its order. */
async function readPage(
  ports: OperationPorts,
  call: InstanceCall,
  page: readonly ListedKey[],
  isShown: (key: ListedKey) => boolean,
): Promise<readonly FullKeyBody[]> {
  const { instance, deadline } = call;
  const context = wireContext(ports, call);
  const batchSize = Math.max(readBatchMin, Math.ceil(page.length / readsPerPageMax));
  const resources: FullKeyBody[] = [];
  for (let at = 0; at < page.length; at += batchSize) {
    const ids = page.slice(at, at + batchSize).map(({ id }) => id);
    for (const record of await ports.keys.read(instance.instanceId, ids, deadline)) {
      const key = livingKey(record);
      if (key === undefined) continue;
      if (isShown({ id: key.id, summary: summaryOf(key) })) resources.push(fullKey(key, context));
    }
    await ports.turns.pause();
  }
  return resources;
}

const tooBroad: ApiRefusal = {
  code: 'KEY_SEARCH_TOO_BROAD',
  detail: `at most ${searchSpaceMax} keys can be searched`,
  target: { type: 'query_param', name: 'search' },
};

const tooLarge = invalidQuery(
  'limit',
  'smaller: the descriptions and tags of these keys make the page too large',
);

function isTooLarge(body: KeyPageBody): boolean {
  if ((body.resources?.length ?? 0) <= safePageKeys) return false;
  return Buffer.byteLength(JSON.stringify(body)) > pageMaxBytes;
}
