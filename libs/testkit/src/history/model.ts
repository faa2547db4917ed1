// What a register should do when operations come one at a time. The checker asks a model and knows nothing else.
import type { RecordedOperation } from './operation.ts';

/** A sequential register. All functions are pure; states are never changed in place. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after the operation, or undefined when that answer is impossible in `state`. `output` is undefined when no
   * answer is known: then every answer is possible, and the state must be that after the effect, or the same state where
   * the operation would have been refused.
   */
  apply(
    state: State,
    input: Input,
    output: Output | undefined,
    register: string,
  ): State | undefined;
  /** Equal for equal states, different for different ones. Also shown to people. */
  keyOf(state: State): string;
  /** True when the operation changes nothing, whatever the state. */
  isReadOnly(input: Input): boolean;
  /**
   * Operations of unknown outcome that may be left out, because nothing that anybody saw depends on them. Absent: none.
   * Without it, histories with many open operations take long.
   */
  isTraceless?(
    operations: readonly RecordedOperation<Input, Output>[],
  ): (operation: RecordedOperation<Input, Output>) => boolean;
}
