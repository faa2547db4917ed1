// Changes of registers whose value is one record as JSON. Encodes and decodes; what becomes of a record is the caller's.
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import type { Deadline } from '@zonehold/primitives';

/** What a change wants, as RegisterStore's `Decision` but with the record. */
export type RecordDecision<Value, Result> =
  | { readonly kind: 'write'; readonly record: Value; readonly result: Result }
  | { readonly kind: 'keep'; readonly result: Result };

/**
 * Changes a register without a line in its scope's list, and returns what `decide` said on the value that was committed. `decide` is
 * pure and may run several times, on values other than the one read before; undefined: never written. Fails as RegisterStore does.
 */
export async function changeRecord<Value, Result>(
  store: RegisterStore,
  id: RegisterId,
  decide: (current: Value | undefined) => RecordDecision<Value, Result>,
  deadline: Deadline,
): Promise<Result> {
  const { result } = await store.change<Result>(
    id,
    (text) => {
      const decision = decide(text === null ? undefined : (JSON.parse(text) as Value));
      if (decision.kind === 'keep') return decision;
      const value = JSON.stringify(decision.record);
      return { kind: 'write', value, summary: null, result: decision.result };
    },
    deadline,
  );
  return result;
}
