// One key of the service as a sequential register: what its clients may be told one after the other. Records of real
// regions are checked against it. Not the key itself: no material, no times, no rights; expiry happens when it shows.
import {
  keyRules,
  meaningOfCode,
  type KeyModelAction,
  type KeyModelState,
  type KeyRule,
} from './key-rules.ts';
import type { Model } from './model.ts';
import type { RecordedOutcome } from './operation.ts';

export interface KeyInput {
  readonly action: KeyModelAction;
  /** Of a create: the key has an expiration date. */
  readonly canExpire?: boolean;
  /** Of an unwrap: the version that its ciphertext was wrapped with. */
  readonly versionId?: string;
}

/** What came back. All but `status` as far as the answer had it. */
export interface KeyOutput {
  readonly status: number;
  readonly code?: string;
  readonly keyState?: KeyModelState;
  /** The newest version; of an unwrap, that of its ciphertext. */
  readonly versionId?: string;
  readonly versionCount?: number;
}

/** A key that exists. `null` as a state: it does not. */
export interface ModelKey {
  /** As stored: Deactivated is Active and expired. */
  readonly state: 1 | 2 | 5;
  readonly canExpire: boolean;
  /** True once an answer can only be explained so. */
  readonly isExpired: boolean;
  /** Null: nobody has seen its id yet. */
  readonly newestId: string | null;
  /** Earlier versions whose ids were seen, sorted. */
  readonly olderIds: readonly string[];
  /** Earlier versions whose ids nobody saw. */
  readonly unnamedCount: number;
}

const stateAfter = { disable: 2, enable: 1, delete: 5, restore: 1 } as const;

/** How an answer of the service counts in a history. `status` undefined: no answer came. */
export function outcomeOfAnswer(status: number | undefined, code?: string): RecordedOutcome {
  if (status === undefined || code === 'OUTCOME_UNKNOWN_ERR') return 'unknown';
  if (status === 503) return 'not-applied';
  return status >= 500 ? 'unknown' : 'ok';
}

/** See the head of the file. A register is one key, by its id. */
export const keyModel: Model<ModelKey | null, KeyInput, KeyOutput> = {
  initial: null,
  apply: (state, input, output) =>
    output === undefined ? afterUnknown(state, input) : afterAnswer(state, input, output),
  keyOf: (key) => {
    if (key === null) return 'absent';
    const { state, canExpire, isExpired, newestId, olderIds, unnamedCount } = key;
    return JSON.stringify([state, canExpire, isExpired, newestId, olderIds, unnamedCount]);
  },
  isReadOnly: ({ action }) =>
    action === 'metadata' || action === 'versions' || action === 'wrap' || action === 'unwrap',
};

function afterUnknown(key: ModelKey | null, input: KeyInput): ModelKey | null {
  if (key === null) return input.action === 'create' ? created(input, undefined) : null;
  return ruleOf(key, input.action) === 'ok' ? changed(key, input.action) : key;
}

function afterAnswer(
  key: ModelKey | null,
  input: KeyInput,
  output: KeyOutput,
): ModelKey | null | undefined {
  const meaning = output.status < 300 ? 'done' : meaningOfCode[output.code ?? ''];
  if (meaning === undefined) return key;
  if (meaning === 'impossible') return undefined;
  if (key === null) {
    if (meaning === 'absent') return null;
    return meaning === 'done' && input.action === 'create'
      ? created(input, output.versionId)
      : undefined;
  }
  if (meaning === 'absent' || input.action === 'create') return undefined;
  for (const now of ageings(key)) {
    const rule = ruleOf(now, input.action);
    const isExplained = rule === (meaning === 'done' ? 'ok' : meaning);
    const next = isExplained && meaning === 'done' ? served(now, input, output) : now;
    if (isExplained && next !== undefined) return next;
  }
  return undefined;
}

/** The key, and the key as it is if its date has passed unseen. In this order: not expired leaves everything open. */
function ageings(key: ModelKey): readonly ModelKey[] {
  const mayHaveExpired = key.state === 1 && key.canExpire && !key.isExpired;
  return mayHaveExpired ? [key, { ...key, isExpired: true }] : [key];
}

function effectiveState({ state, isExpired }: ModelKey): KeyModelState {
  return state === 1 && isExpired ? 3 : state;
}

function ruleOf(key: ModelKey, action: KeyModelAction): KeyRule | undefined {
  return action === 'create' ? undefined : keyRules[action][effectiveState(key)];
}

function created({ canExpire = false }: KeyInput, newestId: string | undefined): ModelKey {
  return {
    state: 1,
    canExpire,
    isExpired: false,
    newestId: newestId ?? null,
    olderIds: [],
    unnamedCount: 0,
  };
}

/** The key after an action that its state allows. */
function changed(key: ModelKey, action: KeyModelAction): ModelKey {
  if (action === 'rotate') {
    const { newestId, olderIds, unnamedCount } = key;
    return newestId === null
      ? { ...key, unnamedCount: unnamedCount + 1 }
      : { ...key, newestId: null, olderIds: [...olderIds, newestId].sort() };
  }
  return action in stateAfter
    ? { ...key, state: stateAfter[action as keyof typeof stateAfter] }
    : key;
}

/** The key after a success, or undefined where the answer's contents are wrong. */
function served(before: ModelKey, input: KeyInput, output: KeyOutput): ModelKey | undefined {
  const key = changed(before, input.action);
  const { keyState, versionId, versionCount } = output;
  if (keyState !== undefined && keyState !== effectiveState(key)) return undefined;
  const count = 1 + key.olderIds.length + key.unnamedCount;
  if (versionCount !== undefined && versionCount !== count) return undefined;
  if (input.action === 'unwrap') return unwrapped(key, input.versionId, versionId);
  return versionId === undefined ? key : named(key, versionId);
}

function unwrapped(
  key: ModelKey,
  asked: string | undefined,
  answered: string | undefined,
): ModelKey | undefined {
  if (asked !== undefined && answered !== undefined && asked !== answered) return undefined;
  const versionId = asked ?? answered;
  const isKnown =
    versionId === undefined || versionId === key.newestId || key.olderIds.includes(versionId);
  // A version that nobody has seen by name might be the one.
  return isKnown || key.newestId === null || key.unnamedCount > 0 ? key : undefined;
}

/** The newest version is this one. */
function named(key: ModelKey, versionId: string): ModelKey | undefined {
  if (key.newestId === versionId) return key;
  if (key.newestId !== null || key.olderIds.includes(versionId)) return undefined;
  return { ...key, newestId: versionId };
}
