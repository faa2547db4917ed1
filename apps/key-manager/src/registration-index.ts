// The registrations of an instance, or of one key, as their list knows them: for selecting, counting, and for asking whether a key
// has any. The records of a page are read from a majority besides.
import type { ListLine, ListStretch, RegisterStore } from '@zonehold/caspaxos';
import { livingRegistration } from '@zonehold/key-domain';
import { KmsError, type Deadline } from '@zonehold/primitives';
import {
  readRegistrationSummary,
  registrationPrefix,
  registrationScope,
  registrationSummaryOf,
  type RegistrationRepository,
  type RegistrationSummary,
} from './registration-repository.ts';
import type { Turns } from './turns.ts';

/** One line of the list. */
export interface ListedRegistration extends RegistrationSummary {
  readonly name: string;
  readonly keyId: string;
}

/** Lists registrations. Fails as RegisterStore does. */
export class RegistrationIndex {
  readonly #store: RegisterStore;
  readonly #registrations: RegistrationRepository;
  readonly #turns: Turns;

  constructor(store: RegisterStore, registrations: RegistrationRepository, turns: Turns) {
    this.#store = store;
    this.#registrations = registrations;
    this.#turns = turns;
  }

  /**
   * Those of one key, or of all keys, in slices, in the order of their names: by key, then by digest. Promises what a list of keys
   * does (docs/listing.md): one that was made before the call began, and not deleted, comes exactly once.
   */
  async *slices(
    instanceId: string,
    keyId: string | undefined,
    deadline: Deadline,
  ): AsyncGenerator<readonly ListedRegistration[]> {
    const prefix = keyId === undefined ? '' : registrationPrefix(keyId);
    const view = await this.#store.list(registrationScope(instanceId), deadline);
    // No name is just the prefix: this is where those with it begin.
    let part = view.next(prefix);
    while (part !== undefined) {
      deadline.refuseCancelled();
      if (deadline.hasPassed())
        throw new KmsError('DEADLINE_EXCEEDED', 'the list is too long for the time that was left');
      yield await this.#sliceOf(instanceId, part, prefix, deadline);
      await this.#turns.pause();
      part = part.lastName.startsWith(prefix) ? view.next(part.lastName) : undefined;
    }
  }

  /** What a majority holds stands in the places of those in doubt. */
  async #sliceOf(
    instanceId: string,
    part: ListStretch,
    prefix: string,
    deadline: Deadline,
  ): Promise<readonly ListedRegistration[]> {
    const listed: (ListedRegistration | undefined)[] = [];
    const doubtful = new Map<string, number>();
    part.visit((name, line) => {
      if (!name.startsWith(prefix)) return;
      const known = line && listedRegistration(name, line);
      if (known === undefined) doubtful.set(name, listed.length);
      listed.push(known);
    });
    if (doubtful.size > 0) {
      const names = [...doubtful.keys()];
      const records = await this.#registrations.read(instanceId, names, deadline);
      for (const [at, name] of names.entries()) {
        const found = livingRegistration(records[at]);
        const place = doubtful.get(name);
        if (found === undefined || place === undefined) continue;
        listed[place] = listedAs(name, registrationSummaryOf(found));
      }
    }
    return listed.filter((one) => one !== undefined);
  }
}

/** What `line` says, parsed once; undefined when only the register can say it. */
function listedRegistration(name: string, line: ListLine): ListedRegistration | undefined {
  if (line.memo === undefined) {
    const summary = readRegistrationSummary(line.summary);
    line.memo = summary === undefined ? null : listedAs(name, summary);
  }
  return (line.memo as ListedRegistration | null) ?? undefined;
}

function listedAs(name: string, summary: RegistrationSummary): ListedRegistration {
  return { ...summary, name, keyId: name.slice(0, name.indexOf('/')) };
}
