// One line that says how far something is: redrawn on a terminal, a line every two seconds elsewhere.
import type { Clock } from '@zonehold/primitives';

export interface ProgressLine {
  show(text: string): void;
  /** What follows begins on a line of its own. */
  end(): void;
}

/** Logs and pipes would be flooded by more. */
const intervalMs = 2_000;

/** Ends with `end`. */
export function openProgressLine(
  output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  clock: Pick<Clock, 'monotonicMs'>,
): ProgressLine {
  let shownAtMs = -Infinity;
  let isLineOpen = false;
  return {
    show: (text) => {
      if (output.isTTY) {
        output.write(`\r\u001b[2K${text}`);
        isLineOpen = true;
        return;
      }
      if (clock.monotonicMs() - shownAtMs < intervalMs) return;
      shownAtMs = clock.monotonicMs();
      output.write(`${text}\n`);
    },
    end: () => {
      if (isLineOpen) output.write('\n');
      isLineOpen = false;
    },
  };
}
