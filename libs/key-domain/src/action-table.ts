// Which action a key allows in which state: reference §15.2 as a table, doubtful cells settled as its §27 recommends.
// Waits and windows are not here (transitions.ts), nor who may ask (rights.ts).
import type { Key, KeyState } from './key.ts';
import type { DomainReasonCode, DomainRefusal } from './refusal.ts';
import { effectiveState } from './time-rules.ts';

type Cell = 'ok' | DomainReasonCode;

interface ActionRow {
  /** Root keys only: the code to give for a standard key. */
  readonly rootOnly?: DomainReasonCode;
  readonly cells: Readonly<Record<KeyState, Cell>>;
}

const conflict = 'KEY_ACTION_INVALID_STATE_ERR';
const gone = 'KEY_DELETED_ERR';
const root = 'KEY_ROOT_REQ_ERR';
const readable = { 1: 'ok', 2: 'ok', 3: 'ok', 5: 'ok' } as const;

/**
 * Where the reference leaves "409/410" open for a Destroyed key (rotate, enable, disable, set for deletion) this says 410,
 * as it does for every cryptographic action: a client learns that no wait will help.
 */
export const actionTable = {
  get: { cells: readable },
  metadata: { cells: readable },
  readRegistrations: { cells: readable },
  readPolicies: { cells: readable },
  versions: { rootOnly: root, cells: { 1: 'ok', 2: conflict, 3: conflict, 5: conflict } },
  // With allKeyStates=true.
  versionsInAllStates: { rootOnly: root, cells: readable },
  wrap: { rootOnly: root, cells: { 1: 'ok', 2: conflict, 3: conflict, 5: gone } },
  unwrap: { rootOnly: root, cells: { 1: 'ok', 2: conflict, 3: 'ok', 5: gone } },
  rewrap: { rootOnly: root, cells: { 1: 'ok', 2: conflict, 3: 'ok', 5: gone } },
  rotate: { rootOnly: root, cells: { 1: 'ok', 2: conflict, 3: 'ok', 5: gone } },
  disable: { rootOnly: root, cells: { 1: 'ok', 2: conflict, 3: conflict, 5: gone } },
  enable: { rootOnly: root, cells: { 1: conflict, 2: 'ok', 3: conflict, 5: gone } },
  setForDeletion: { cells: { 1: 'ok', 2: conflict, 3: conflict, 5: gone } },
  unsetForDeletion: { cells: { 1: 'ok', 2: conflict, 3: conflict, 5: gone } },
  delete: { cells: { 1: 'ok', 2: 'ok', 3: 'ok', 5: gone } },
  restore: { cells: { 1: conflict, 2: conflict, 3: conflict, 5: 'ok' } },
  purge: { cells: { 1: conflict, 2: conflict, 3: conflict, 5: 'ok' } },
  // Not documented outside state 1; allowed while the key lives, so that a disabled key can be protected.
  setPolicy: { cells: { 1: 'ok', 2: 'ok', 3: 'ok', 5: gone } },
  patchRing: { cells: { 1: 'ok', 2: 'ok', 3: 'ok', 5: gone } },
  // Not documented: a deleted key gets no new name, and may give one up.
  createAlias: { cells: { 1: 'ok', 2: 'ok', 3: 'ok', 5: gone } },
  deleteAlias: { cells: readable },
  // Not documented: a sync is for services that missed what became of a key, so a disabled or expired one is synced as well.
  sync: { rootOnly: root, cells: { 1: 'ok', 2: 'ok', 3: 'ok', 5: gone } },
  register: {
    rootOnly: 'KEY_ROOT_REQ_REG_ERR',
    cells: {
      1: 'ok',
      2: 'KEY_INVALID_STATE_ERR',
      3: 'KEY_INVALID_STATE_ERR',
      5: 'KEY_INVALID_STATE_ERR',
    },
  },
} as const satisfies Readonly<Record<string, ActionRow>>;

/** Everything that can be asked of one key. */
export type KeyAction = keyof typeof actionTable;

/** State names for messages (reference §15.1). */
export const stateNames: Readonly<Record<KeyState, string>> = {
  1: 'Active',
  2: 'Suspended',
  3: 'Deactivated',
  5: 'Destroyed',
};

/** Why `key` does not allow `action` at `nowMs`; undefined when it does. Kind of key first, then state. */
export function refuseAction(
  key: Key,
  action: KeyAction,
  nowMs: number,
): DomainRefusal | undefined {
  const row: ActionRow = actionTable[action];
  if (row.rootOnly !== undefined && key.isExtractable) return { code: row.rootOnly };
  const state = effectiveState(key, nowMs);
  const cell = row.cells[state];
  if (cell === 'ok') return undefined;
  return cell === gone ? { code: cell } : { code: cell, detail: `the key is ${stateNames[state]}` };
}
