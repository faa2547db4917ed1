// The keys of an instance as its list knows them: summaries for selecting, sorting and counting. A page's records are
// read from a majority besides (operations/list-keys.ts).
import type { ListLine, RegisterStore } from '@zonehold/caspaxos';
import { summaryOf, unpackSummary, type ListedKey } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import { keyNamePrefix, livingKey, type KeyRepository } from './key-repository.ts';
import type { Turns } from './turns.ts';

/** Reads of one listing travel in trains of this size: about 1 MB of replies. */
export const readBatchSize = 500;

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
      const slice: (ListedKey | undefined)[] = [];
      const doubtful = new Map<string, number>();
      let hasLeftKeys = false;
      after = view.walk(after, sliceKeys, (name, line) => {
        hasLeftKeys ||= !name.startsWith(keyNamePrefix);
        if (hasLeftKeys) return;
        const id = name.slice(keyNamePrefix.length);
        const key = line && listedKey(id, line);
        if (key === undefined) doubtful.set(id, slice.length);
        slice.push(key);
      });
      if (hasLeftKeys) after = undefined;
      if (doubtful.size > 0) await this.#settle(instanceId, slice, doubtful, deadline);
      yield doubtful.size > 0 ? slice.filter((key) => key !== undefined) : (slice as ListedKey[]);
      await this.#turns.pause();
    }
  }

  /** Puts what a majority holds into the places of `doubtful`. */
  async #settle(
    instanceId: string,
    slice: (ListedKey | undefined)[],
    doubtful: ReadonlyMap<string, number>,
    deadline: Deadline,
  ): Promise<void> {
    for (const record of await this.#keys.read(instanceId, [...doubtful.keys()], deadline)) {
      const key = livingKey(record);
      if (key === undefined) continue;
      const at = doubtful.get(key.id);
      if (at !== undefined) slice[at] = { id: key.id, summary: summaryOf(key) };
    }
  }
}

/** What `line` says, parsed once; undefined when nobody but a liar can have written it: the register knows better. */
function listedKey(id: string, line: ListLine): ListedKey | undefined {
  if (line.memo === undefined) {
    const summary = unpackSummary(line.summary);
    line.memo = summary === undefined ? null : { id, summary };
  }
  return (line.memo as ListedKey | null) ?? undefined;
}
