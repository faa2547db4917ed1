// The keys of an instance as its list knows them: summaries for selecting, sorting and counting. A page's records are
// read from a majority besides (operations/list-keys.ts).
import type { ListLine, ListStretch, RegisterStore } from '@zonehold/caspaxos';
import {
  keySlice,
  summaryOf,
  unpackSummary,
  type KeySlice,
  type ListedKey,
} from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { keyNamePrefix, livingKey, type KeyRepository } from './key-repository.ts';
import type { Turns } from './turns.ts';

/** Lists the keys of an instance. Fails as RegisterStore does. */
export class KeyIndex {
  readonly #store: RegisterStore;
  readonly #keys: KeyRepository;
  readonly #turns: Turns;

  constructor(store: RegisterStore, keys: KeyRepository, turns: Turns) {
    this.#store = store;
    this.#keys = keys;
    this.#turns = turns;
  }

  /**
   * Every key of the instance that is not purged, in slices, in the order of their ids. Where voters differ, the register
   * itself is read. Other work gets its turn between slices, so keys made or purged meanwhile may show or not; a key that
   * is there all the time comes exactly once (docs/listing.md).
   */
  async *slices(instanceId: string, deadline: Deadline): AsyncGenerator<KeySlice> {
    const view = await this.#store.list(instanceId, deadline);
    // No name is just the prefix: this is where those with it begin.
    let part = view.next(keyNamePrefix);
    while (part !== undefined) {
      deadline.refuseCancelled();
      if (deadline.hasPassed())
        throw new KmsError('DEADLINE_EXCEEDED', 'the list is too long for the time that was left');
      yield await this.#sliceOf(instanceId, part, deadline);
      await this.#turns.pause();
      // Names are in order: after the first without the prefix there are no more keys.
      part = part.lastName.startsWith(keyNamePrefix) ? view.next(part.lastName) : undefined;
    }
  }

  /** What was made of a stretch before, or is made of it now; what a majority holds stands in the places of those in doubt. */
  async #sliceOf(instanceId: string, part: ListStretch, deadline: Deadline): Promise<KeySlice> {
    const { kept } = part;
    const known = kept?.memo as KeySlice | undefined;
    if (known !== undefined) return known;
    const { keys, doubtful } = keysOf(part);
    if (doubtful.size === 0) {
      const slice = keySlice(keys.filter((key) => key !== undefined));
      if (kept !== undefined) kept.memo = slice;
      return slice;
    }
    for (const record of await this.#keys.read(instanceId, [...doubtful.keys()], deadline)) {
      const key = livingKey(record);
      if (key === undefined) continue;
      const at = doubtful.get(key.id);
      if (at !== undefined) keys[at] = { id: key.id, summary: summaryOf(key) };
    }
    return keySlice(keys.filter((key) => key !== undefined));
  }
}

/** The keys of a stretch in order, those that are `doubtful` (id → place) undefined. */
function keysOf(part: ListStretch) {
  const keys: (ListedKey | undefined)[] = [];
  const doubtful = new Map<string, number>();
  part.visit((name, line) => {
    if (!name.startsWith(keyNamePrefix)) return;
    const id = name.slice(keyNamePrefix.length);
    const key = line && listedKey(id, line);
    if (key === undefined) doubtful.set(id, keys.length);
    keys.push(key);
  });
  return { keys, doubtful };
}

/** What `line` says, parsed once; undefined when nobody but a liar can have written it: the register knows better. */
function listedKey(id: string, line: ListLine): ListedKey | undefined {
  if (line.memo === undefined) {
    const summary = unpackSummary(line.summary);
    line.memo = summary === undefined ? null : { id, summary };
  }
  return (line.memo as ListedKey | null) ?? undefined;
}
