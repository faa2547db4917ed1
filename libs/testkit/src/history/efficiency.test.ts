// Large histories are judged in seconds, and those that cannot be are said to be so.
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@zonehold/primitives';
import { cellModel, type CellInput, type CellOutput } from './cell-model.ts';
import { checkHistory, checkLinearizable } from './check-linearizable.ts';
import { keyModel } from './key-model.ts';
import type { RecordedOperation } from './operation.ts';
import { concurrentRun, keyMachine } from './random-history.ts';

const open = Number.POSITIVE_INFINITY;

describe('the checker', { timeout: 30_000 }, () => {
  it('judges 20,000 operations on 200 keys, a twentieth unknown, within ten seconds', () => {
    const random = new SeededRandom(1);
    const history = Array.from({ length: 200 }, (_, index) =>
      concurrentRun(keyMachine, random, {
        register: `key-${index}`,
        operationCount: 100,
        clientCount: 8,
        unknownChance: 0.05,
      }),
    ).flat();
    expect(history).toHaveLength(20_000);
    const startedMs = performance.now();
    expect(checkHistory(keyModel, history)).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('judges 5,000 operations on one key', () => {
    const history = concurrentRun(keyMachine, new SeededRandom(2), {
      register: 'key',
      operationCount: 5_000,
      clientCount: 8,
      unknownChance: 0.01,
    });
    expect(checkLinearizable(keyModel, history)).toEqual({ kind: 'linearizable' });
  });

  it.each([0, 0.01, 0.05])(
    'finds one wrong answer at the end of 1,000 operations, a share of %d unknown',
    (unknownChance) => {
      const history = concurrentRun(keyMachine, new SeededRandom(3), {
        register: 'key',
        operationCount: 1_000,
        clientCount: 8,
        unknownChance,
      });
      const wrong = {
        opId: 'wrong',
        register: 'key',
        input: { action: 'versions' },
        output: { status: 200, versionCount: 1_000 },
        invokedAt: 1e9,
        returnedAt: 1e9 + 1,
        outcome: 'ok',
      } as const;
      expect(checkLinearizable(keyModel, [...history, wrong])).toMatchObject({ kind: 'violation' });
    },
  );

  it('survives many open swaps of one value', () => {
    const swap = (index: number): RecordedOperation<CellInput, CellOutput> => ({
      opId: `o${index}`,
      register: 'r',
      input: { action: 'swap', expected: null, value: `o${index}` },
      invokedAt: index,
      returnedAt: open,
      outcome: 'unknown',
    });
    const read = (opId: string, at: number, seen: string) =>
      ({
        opId,
        register: 'r',
        input: { action: 'read' },
        output: { isSwapped: false, seen },
        invokedAt: at,
        returnedAt: at + 1,
        outcome: 'ok',
      }) as const;
    const opened = Array.from({ length: 100 }, (_, index) => swap(index));
    const same = [...opened, read('r', 200, 'o7'), read('s', 202, 'o7')];
    const both = [...opened, read('r', 200, 'o7'), read('s', 202, 'o8')];
    expect(checkLinearizable(cellModel, same)).toEqual({ kind: 'linearizable' });
    expect(checkLinearizable(cellModel, both)).toMatchObject({ kind: 'violation' });
  });

  it('says so when a register is too ambiguous', () => {
    // A ring of open swaps that all matter: the state wanders, and the last read fits nowhere.
    const names = Array.from({ length: 12 }, (_, index) => `v${index}`);
    const history: RecordedOperation<CellInput, CellOutput>[] = names.flatMap((value, index) =>
      [null, ...names].map((expected) => ({
        opId: `${value} over ${expected}`,
        register: 'cell-1',
        input: { action: 'swap' as const, expected, value },
        invokedAt: index,
        returnedAt: open,
        outcome: 'unknown' as const,
      })),
    );
    history.push({
      opId: 'last',
      register: 'cell-1',
      input: { action: 'read' },
      output: { isSwapped: false, seen: 'nowhere' },
      invokedAt: 100,
      returnedAt: 101,
      outcome: 'ok',
    });
    expect(checkLinearizable(cellModel, history, 2_000)).toEqual({
      kind: 'undecided',
      message:
        'cell-1 is too ambiguous: 2000 configurations of its 157 operations (156 of unknown outcome) were tried. ' +
        'Spread the load over more registers, or use fewer clients per register',
    });
  });
});
