// Accounts as registers: who has roles in every instance of an account, those to come too. Scope = account, name = account.
// An account without grants has no register. Encodes and decodes; decides nothing.
import type { RegisterId, RegisterState, RegisterStore } from '@zonehold/caspaxos';
import type { Grants } from '@zonehold/key-domain';
import type { Deadline } from '@zonehold/primitives';
import { DecodeCache } from './decode-cache.ts';
import { changeRecord, type RecordDecision } from './record-change.ts';

/** The value of an account's register. */
export interface Account {
  readonly accountId: string;
  readonly grants: Grants;
}

const accountIdPattern = /^[0-9a-f]{32}$/;

/** IBM's account ids (reference §1.9). */
export function isAccountId(text: string): boolean {
  return accountIdPattern.test(text);
}

/** The register of an account. */
export function accountRegister(accountId: string): RegisterId {
  return { scope: accountId, name: 'account' };
}

/** Reads and changes accounts. Fails as RegisterStore does. */
export class AccountRepository {
  readonly #store: RegisterStore;
  readonly #cache = new DecodeCache((text) => JSON.parse(text) as Account);

  constructor(store: RegisterStore) {
    this.#store = store;
  }

  /** The account in a state that was read from its register; undefined when nothing was ever given in it. */
  decode(accountId: string, state: RegisterState): Account | undefined {
    return this.#cache.decode(accountId, state);
  }

  async read(accountId: string, deadline: Deadline): Promise<Account | undefined> {
    const [state] = await this.#store.read([accountRegister(accountId)], deadline);
    return state === undefined ? undefined : this.decode(accountId, state);
  }

  /** Changes an account; gives what `decide` said on the value that was committed. `decide` is pure and may run several times. */
  change<Result>(
    accountId: string,
    decide: (current: Account) => RecordDecision<Account, Result>,
    deadline: Deadline,
  ): Promise<Result> {
    return changeRecord<Account, Result>(
      this.#store,
      accountRegister(accountId),
      (current) => decide(current ?? { accountId, grants: {} }),
      deadline,
    );
  }
}
