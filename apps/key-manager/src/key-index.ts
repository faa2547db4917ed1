// The keys of an instance as its list knows them: summaries for selecting, sorting and counting. A page's records are
// read from a majority besides (operations/list-keys.ts).
import type { ListLine, ListView, RegisterStore } from '@zonehold/caspaxos';
import { summaryOf, unpackSummary, type ListedKey } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { keyNamePrefix, livingKey, type KeyRepository } from './key-repository.ts';
import type { Turns } from './turns.ts';

/** Keys shown at once: a tenth of a millisecond, or one when their summaries must be parsed first. */
const sliceKeys = 500;

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
  async *slices(instanceId: string, deadline: Deadline): AsyncGenerator<readonly ListedKey[]> {
    const view = await this.#store.list(instanceId, deadline);
    // No name is just the prefix: this is where those with it begin.
    for (let after: string | undefined = keyNamePrefix; after !== undefined;) {
      if (deadline.hasPassed())
        throw new KmsError('DEADLINE_EXCEEDED', 'the list is too long for the time that was left');
      const { keys, doubtful, next } = sliceAfter(view, after);
      after = next;
      if (doubtful.size > 0) await this.#settle(instanceId, keys, doubtful, deadline);
      yield doubtful.size > 0 ? keys.filter((key) => key !== undefined) : (keys as ListedKey[]);
      await this.#turns.pause();
    }
  }

  /** Puts what a majority holds into the places of `doubtful`. */
  async #settle(
    instanceId: string,
    keys: (ListedKey | undefined)[],
    doubtful: ReadonlyMap<string, number>,
    deadline: Deadline,
  ): Promise<void> {
    for (const record of await this.#keys.read(instanceId, [...doubtful.keys()], deadline)) {
      const key = livingKey(record);
      if (key === undefined) continue;
      const at = doubtful.get(key.id);
      if (at !== undefined) keys[at] = { id: key.id, summary: summaryOf(key) };
    }
  }
}

/** The next keys of `view`, those that are `doubtful` (id → place) undefined; `next` is undefined at the last slice. */
function sliceAfter(view: ListView, after: string) {
  const keys: (ListedKey | undefined)[] = [];
  const doubtful = new Map<string, number>();
  const next = view.walk(after, sliceKeys, (name, line) => {
    if (!name.startsWith(keyNamePrefix)) return;
    const id = name.slice(keyNamePrefix.length);
    const key = line && listedKey(id, line);
    if (key === undefined) doubtful.set(id, keys.length);
    keys.push(key);
  });
  // Names are in order: after the first without the prefix there are no more keys.
  return { keys, doubtful, next: next?.startsWith(keyNamePrefix) === true ? next : undefined };
}

/** What `line` says, parsed once; undefined when nobody but a liar can have written it: the register knows better. */
function listedKey(id: string, line: ListLine): ListedKey | undefined {
  if (line.memo === undefined) {
    const summary = unpackSummary(line.summary);
    line.memo = summary === undefined ? null : { id, summary };
  }
  return (line.memo as ListedKey | null) ?? undefined;
}
