// Who has an alias. Two registers say so, and one of them decides: a key has the aliases that its own record lists. The alias's
// register only says which key claimed it last, so that the alias is found and nobody else lists it. Pure.
//
// 1. A claim names the key and the serial that the key's record will have once it lists the alias: its present one plus 1.
// 2. A key lists an alias only in the change that brings its record to the serial it claimed it with.
// 3. A claim is replaced only when it is void: its key does not list the alias, and its record has reached that serial or is purged.
// 4. A claim that is still open is made void first, by bringing the record to that serial: a request that comes late finds rule 2
//    against it and claims anew.
//
// So no two keys list one alias, in whatever order requests of whichever zones go on or die. Taking an alias away, and a purge, are
// changes of the key alone: its claim is void from then on.
import type { AppliedOperation, Key, KeyRecord, PurgedKey } from './key.ts';

/** The value of an alias's register; JSON-safe. */
export interface AliasClaim {
  readonly keyId: string;
  readonly serial: number;
  /** The create that claims it for a key that does not exist yet. */
  readonly creation?: AppliedOperation;
}

/** `holds`: the key lists the alias. `open`: it may come to. `void`: it does not and never will by this claim. */
export type ClaimStanding = 'holds' | 'open' | 'void';

/** The serial that the next alias of a key is claimed with. */
export function nextAliasSerial(key: Pick<Key, 'aliasSerial'> | undefined): number {
  return (key?.aliasSerial ?? 0) + 1;
}

/** What a claim is worth, by the record of the key that it names. */
export function standingOf(
  claim: AliasClaim,
  alias: string,
  record: KeyRecord | undefined,
): ClaimStanding {
  if (record === undefined) return 'open';
  if (record.isPurged) return 'void';
  if (hasAlias(record, alias)) return 'holds';
  return nextAliasSerial(record) > claim.serial ? 'void' : 'open';
}

/** True for a key that lists the alias. */
export function hasAlias(key: Pick<Key, 'aliases'>, alias: string): boolean {
  return key.aliases?.includes(alias) === true;
}

/** The record by which an open claim is void. A key that was never made leaves a tombstone: its create finds it and is refused. */
export function voidClaim(
  { keyId, serial, creation }: AliasClaim,
  instanceId: string,
  record: Key | undefined,
  nowMs: number,
): KeyRecord | undefined {
  if (record !== undefined) return { ...record, aliasSerial: serial };
  if (creation === undefined) return undefined;
  return {
    isPurged: true,
    isNeverMade: true,
    id: keyId,
    instanceId,
    purgedAtMs: nowMs,
    operations: [],
    creation,
    tokenTail: { n: 0, atMs: creation.atMs },
  } satisfies PurgedKey;
}
