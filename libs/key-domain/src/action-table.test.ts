// Every cell of reference §15.2 against the table, written a second time by hand.
import { describe, expect, it } from 'vitest';
import { refuseAction, type KeyAction } from './action-table.ts';
import { keyStates, type Key, type KeyState } from './key.ts';
import { madeKey, startMs } from './key-fixture.ts';

const [ok, conflict, gone] = [undefined, 'KEY_ACTION_INVALID_STATE_ERR', 'KEY_DELETED_ERR'];
const unregistrable = 'KEY_INVALID_STATE_ERR';

/** Action: state 1, 2, 3, 5. */
const cells: Record<KeyAction, readonly (string | undefined)[]> = {
  get: [ok, ok, ok, ok],
  metadata: [ok, ok, ok, ok],
  readRegistrations: [ok, ok, ok, ok],
  readPolicies: [ok, ok, ok, ok],
  versions: [ok, conflict, conflict, conflict],
  versionsInAllStates: [ok, ok, ok, ok],
  wrap: [ok, conflict, conflict, gone],
  unwrap: [ok, conflict, ok, gone],
  rewrap: [ok, conflict, ok, gone],
  rotate: [ok, conflict, ok, gone],
  disable: [ok, conflict, conflict, gone],
  enable: [conflict, ok, conflict, gone],
  setForDeletion: [ok, conflict, conflict, gone],
  unsetForDeletion: [ok, conflict, conflict, gone],
  delete: [ok, ok, ok, gone],
  restore: [conflict, conflict, conflict, ok],
  purge: [conflict, conflict, conflict, ok],
  setPolicy: [ok, ok, ok, gone],
  patchRing: [ok, ok, ok, gone],
  createAlias: [ok, ok, ok, gone],
  deleteAlias: [ok, ok, ok, ok],
  sync: [ok, ok, ok, gone],
  register: [ok, unregistrable, unregistrable, unregistrable],
};
const actions = Object.keys(cells) as KeyAction[];

function inState(state: KeyState): Key {
  return { ...madeKey(), state };
}

describe('the action table', () => {
  it.each(actions)('answers %s in each state as the contract does', (action) => {
    const answers = keyStates.map((state) => refuseAction(inState(state), action, startMs)?.code);
    expect(answers).toEqual(cells[action]);
  });

  it('wants a root key for cryptographic actions, versions, disable and enable, in any state', () => {
    const wanted = actions.filter((action) =>
      keyStates.every(
        (state) =>
          refuseAction({ ...inState(state), isExtractable: true }, action, startMs)?.code ===
          'KEY_ROOT_REQ_ERR',
      ),
    );
    expect(wanted).toEqual([
      'versions',
      'versionsInAllStates',
      'wrap',
      'unwrap',
      'rewrap',
      'rotate',
      'disable',
      'enable',
      'sync',
    ]);
  });

  it('treats an Active key as Deactivated from the moment of its expiration: unwrap yes, wrap no', () => {
    const key = madeKey({ expiresAtMs: startMs + 1_000 });
    expect(refuseAction(key, 'wrap', startMs + 999)).toBeUndefined();
    expect(refuseAction(key, 'wrap', startMs + 1_000)?.code).toBe(conflict);
    expect(refuseAction(key, 'unwrap', startMs + 1_000)).toBeUndefined();
  });

  it('keeps a Suspended key that expires suspended: it unwraps nothing', () => {
    const key: Key = { ...madeKey({ expiresAtMs: startMs + 1_000 }), state: 2 };
    expect(refuseAction(key, 'unwrap', startMs + 5_000)?.code).toBe(conflict);
  });
});
