// The keys of an instance as its list knows them: summaries for selecting, sorting and counting. A page's records are
// read from a majority besides (operations/list-keys.ts).
import type { ListEntry, RegisterStore } from '@zonehold/caspaxos';
import { summaryOf, unpackSummary, type KeySummary, type ListedKey } from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { DecodeCache } from './decode-cache.ts';
import { keyNamePrefix, livingKey, type KeyRepository } from './key-repository.ts';

/** Reads of one listing travel in trains of this size: about 1 MB of replies. */
export const readBatchSize = 500;

/** Lists the keys of an instance. Fails as RegisterStore does. */
export class KeyIndex {
  readonly #store: RegisterStore;
  readonly #keys: KeyRepository;
  readonly #summaries = new DecodeCache(unpackSummary, { entriesMax: 100_000 });

  constructor(store: RegisterStore, keys: KeyRepository) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Every key of the instance that is not purged, unsorted. Where two voters differed, the register itself is read. */
  async list(instanceId: string, deadline: Deadline): Promise<readonly ListedKey[]> {
    const entries = await this.#store.list(instanceId, deadline);
    const listed: ListedKey[] = [];
    const doubtful: string[] = [];
    for (const entry of entries) {
      if (!entry.id.name.startsWith(keyNamePrefix)) continue;
      const id = entry.id.name.slice(keyNamePrefix.length);
      const summary = entry.isSettled ? this.#summaryOf(entry) : undefined;
      if (summary === undefined) doubtful.push(id);
      else listed.push({ id, summary });
    }
    for (let at = 0; at < doubtful.length; at += readBatchSize) {
      const batch = doubtful.slice(at, at + readBatchSize);
      for (const record of await this.#keys.read(instanceId, batch, deadline)) {
        const key = livingKey(record);
        if (key !== undefined) listed.push({ id: key.id, summary: summaryOf(key) });
      }
    }
    return listed;
  }

  #summaryOf({ id, ballot, summary }: ListEntry): KeySummary | undefined {
    return this.#summaries.decode(`${id.scope}/${id.name}`, { ballot, value: summary });
  }
}
