// How progress looks on a terminal and in a log.
import { describe, expect, it } from 'vitest';
import { openProgressLine } from './progress-line.ts';

function outputOf(isTTY: boolean): { text: string; isTTY: boolean; write(chunk: string): boolean } {
  return {
    text: '',
    isTTY,
    write(chunk) {
      this.text += chunk;
      return true;
    },
  };
}

describe('a progress line', () => {
  it('is redrawn on a terminal, and ended once', () => {
    const output = outputOf(true);
    const line = openProgressLine(output, { monotonicMs: () => 0 });
    line.show('one');
    line.show('two');
    line.end();
    line.end();
    expect(output.text).toBe('\r\u001b[2Kone\r\u001b[2Ktwo\n');
  });

  it('is a line every two seconds elsewhere', () => {
    const output = outputOf(false);
    let nowMs = 0;
    const line = openProgressLine(output, { monotonicMs: () => nowMs });
    for (const at of [0, 500, 1_999, 2_000, 3_000]) {
      nowMs = at;
      line.show(String(at));
    }
    line.end();
    expect(output.text).toBe('0\n2000\n');
  });
});
