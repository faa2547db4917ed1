// What a key answers in which state, as the contract says it: the oracle's own copy, so that a mistake in key-domain's
// table is not copied into the checker. A test compares the two cell by cell.

/** Actions of the key model. `versions` asks for all key states; `metadata` stands for every plain read. */
export const keyActions = [
  'create',
  'metadata',
  'versions',
  'wrap',
  'unwrap',
  'rotate',
  'disable',
  'enable',
  'delete',
  'restore',
] as const;

export type KeyModelAction = (typeof keyActions)[number];

/** 1 Active, 2 Suspended, 3 Deactivated, 5 Destroyed. */
export type KeyModelState = 1 | 2 | 3 | 5;

/** `conflict`: 409 KEY_ACTION_INVALID_STATE_ERR. `gone`: 410 KEY_DELETED_ERR. */
export type KeyRule = 'ok' | 'conflict' | 'gone';

const always = { 1: 'ok', 2: 'ok', 3: 'ok', 5: 'ok' } as const;

export const keyRules: Readonly<
  Record<Exclude<KeyModelAction, 'create'>, Readonly<Record<KeyModelState, KeyRule>>>
> = {
  metadata: always,
  versions: always,
  wrap: { 1: 'ok', 2: 'conflict', 3: 'conflict', 5: 'gone' },
  unwrap: { 1: 'ok', 2: 'conflict', 3: 'ok', 5: 'gone' },
  rotate: { 1: 'ok', 2: 'conflict', 3: 'ok', 5: 'gone' },
  disable: { 1: 'ok', 2: 'conflict', 3: 'conflict', 5: 'gone' },
  enable: { 1: 'conflict', 2: 'ok', 3: 'conflict', 5: 'gone' },
  delete: { 1: 'ok', 2: 'ok', 3: 'ok', 5: 'gone' },
  restore: { 1: 'conflict', 2: 'conflict', 3: 'conflict', 5: 'ok' },
};

/** What a refusal says about the state. A code that is not here says nothing: the key stays as it is. */
export const meaningOfCode: Readonly<Record<string, KeyRule | 'absent' | 'impossible'>> = {
  KEY_NOT_FOUND_ERR: 'absent',
  KEY_ACTION_INVALID_STATE_ERR: 'conflict',
  KEY_DELETED_ERR: 'gone',
  // Waits and windows are asked after the state: whether the wait was right is not judged, the state is.
  REQ_TOO_EARLY_ERR: 'ok',
  KEY_ROTATION_NOT_PERMITTED: 'ok',
  KEY_RESTORE_EXPIRED: 'ok',
  KEY_EXPIRED_ERR: 'ok',
  // Recorded unwraps bring ciphertexts that the service itself gave.
  UNPROCESSABLE_CIPHERTEXT_ERR: 'impossible',
};
