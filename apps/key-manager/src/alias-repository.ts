// Aliases as registers: scope = instance, name = alias/<alias>. An alias's register says which key claimed it last; whether that
// key has it, the key's record decides (key-domain's aliases.ts holds the rules, by number).
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import { standingOf, voidClaim, type AliasClaim, type ClaimStanding } from '@zonehold/key-domain';
import { assert, isKmsError, KmsError, type Deadline } from '@zonehold/primitives';
import { livingKey, type KeyDecision, type KeyRepository } from './key-repository.ts';

/** Each means that another request was faster: more than a handful are a crowd, and its members are told to come again. */
const claimAttemptsMax = 8;

/**
 * `taken`: another key has the alias. `stale`: the serial of the claim's own key is past it. `beaten`: too many want the alias.
 */
export type Claimed = 'claimed' | 'taken' | 'stale' | 'beaten';

export interface WantedAlias {
  readonly instanceId: string;
  readonly alias: string;
  readonly claim: AliasClaim;
  readonly nowMs: number;
}

function aliasRegister(instanceId: string, alias: string): RegisterId {
  return { scope: instanceId, name: `alias/${alias}` };
}

/** Reads and claims aliases. Fails as RegisterStore does. */
export class AliasRepository {
  readonly #store: RegisterStore;
  readonly #keys: KeyRepository;

  constructor(store: RegisterStore, keys: KeyRepository) {
    this.#store = store;
    this.#keys = keys;
  }

  /** The key that claimed the alias last, which may not have it (any more). `alias` obeys the grammar. */
  async keyIdOf(
    instanceId: string,
    alias: string,
    deadline: Deadline,
  ): Promise<string | undefined> {
    const text = await this.#read(instanceId, alias, deadline);
    return text === null ? undefined : claimIn(text).keyId;
  }

  /**
   * Claims an alias for a key whose record must then come to list it. Claiming twice is once. No key has changed when this
   * fails, so a failure is `not-applied` even where the outcome of a round is unknown.
   */
  async claim(wanted: WantedAlias, deadline: Deadline): Promise<Claimed> {
    try {
      for (let attempt = 0; attempt < claimAttemptsMax; attempt += 1) {
        const claimed = await this.#tryClaim(wanted, deadline);
        if (claimed !== 'beaten') return claimed;
      }
      return 'beaten';
    } catch (error) {
      if (!isKmsError(error) || error.outcome === 'not-applied') throw error;
      throw new KmsError('UNAVAILABLE', 'the alias could not be claimed', { cause: error });
    }
  }

  async #tryClaim(wanted: WantedAlias, deadline: Deadline): Promise<Claimed> {
    const { instanceId, alias, claim } = wanted;
    const seen = await this.#read(instanceId, alias, deadline);
    const standing = seen === null ? undefined : claimIn(seen);
    if (standing?.keyId === claim.keyId) {
      if (standing.serial === claim.serial) return 'claimed';
      if (standing.serial > claim.serial) return 'stale';
      // An older claim of the same key is void: the serial of its record is past it.
    } else if (standing !== undefined && !(await this.#isVoid(wanted, standing, deadline))) {
      return 'taken';
    }
    const value = JSON.stringify(claim);
    const { result } = await this.#store.change<Claimed>(
      aliasRegister(instanceId, alias),
      (current) =>
        current === seen
          ? { kind: 'write', value, summary: null, result: 'claimed' }
          : { kind: 'keep', result: current === value ? 'claimed' : 'beaten' },
      deadline,
    );
    return result;
  }

  /** Rules 3 and 4. False when the other key has the alias. */
  async #isVoid(wanted: WantedAlias, claim: AliasClaim, deadline: Deadline): Promise<boolean> {
    const { instanceId, alias, nowMs } = wanted;
    const [record] = await this.#keys.read(instanceId, [claim.keyId], deadline);
    let standing = standingOf(claim, alias, record);
    if (standing === 'open') {
      standing = await this.#keys.change(
        instanceId,
        claim.keyId,
        (current): KeyDecision<ClaimStanding> => {
          const now = standingOf(claim, alias, current);
          if (now !== 'open') return { kind: 'keep', result: now };
          const voided = voidClaim(claim, instanceId, livingKey(current), nowMs);
          assert(voided !== undefined, 'a claim for a key that is not there says what makes it');
          return { kind: 'write', record: voided, result: 'void' };
        },
        deadline,
      );
    }
    return standing === 'void';
  }

  async #read(instanceId: string, alias: string, deadline: Deadline): Promise<string | null> {
    const [state] = await this.#store.read([aliasRegister(instanceId, alias)], deadline);
    return state?.value ?? null;
  }
}

function claimIn(text: string): AliasClaim {
  return JSON.parse(text) as AliasClaim;
}
