// The command that judges history files, run as a person would.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '@zonehold/primitives';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHistory } from './history-file.ts';
import {
  cellMachine,
  concurrentRun,
  keyMachine,
  listMachine,
  type Machine,
} from './random-history.ts';
import { isCellOperation, isKeyOperation, isListOperation } from './recorded-as.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonehold-history-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function runOf<State, Input, Output>(machine: Machine<State, Input, Output>, register: string) {
  const options = { register, operationCount: 50, clientCount: 4, unknownChance: 0.1 };
  return concurrentRun(machine, new SeededRandom(1), options);
}

function check(text: string, ...args: readonly string[]) {
  const path = join(folder, 'history.jsonl');
  writeFileSync(path, text);
  const command = [join(import.meta.dirname, 'check-file.ts'), ...args, path];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('a history file', { timeout: 30_000 }, () => {
  it('of sound keys is accepted', () => {
    const text = writeHistory([...runOf(keyMachine, 'key-1'), ...runOf(keyMachine, 'key-2')]);
    expect(check(text, '--model', 'key')).toMatchObject({
      status: 0,
      stdout: '100 operations on 2 registers, 0 not linearizable or undecided\n',
    });
  });

  it('with a wrong answer is refused, and the register named', () => {
    const wrong = {
      opId: 'wrong',
      register: 'key-1',
      input: { action: 'metadata' },
      output: { status: 404, code: 'KEY_NOT_FOUND_ERR' },
      invokedAt: 1e9,
      returnedAt: 1e9,
      outcome: 'ok',
    } as const;
    const text = writeHistory([...runOf(keyMachine, 'key-1'), wrong]);
    const { status, stdout } = check(text, '--model', 'key');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^key-1: violation: no order explains the answers: .*wrong/);
  });

  it('may hold other registers, which a prefix leaves out', () => {
    const text = writeHistory([...runOf(cellMachine, 'cell-1'), ...runOf(listMachine, 'list-1')]);
    expect(check(text, '--model', 'cell', '--registers', 'cell-').status).toBe(0);
    expect(check(text, '--model', 'list', '--registers', 'list-').status).toBe(0);
    const mixed = check(text, '--model', 'cell');
    expect(mixed.status).toBe(2);
    expect(mixed.stderr).toContain('is nothing that the cell model knows');
  });

  it('that is none is refused with its line', () => {
    const { status, stderr } = check('{}\n', '--model', 'key');
    expect(status).toBe(2);
    expect(stderr).toContain('history.jsonl:1: operation must be');
  });

  it('needs a model', () => {
    expect(check('', '--model', 'toString')).toMatchObject({ status: 2 });
  });
});

describe('a record', () => {
  const guards = { cell: isCellOperation, list: isListOperation, key: isKeyOperation };
  const histories = {
    cell: runOf(cellMachine, 'r'),
    list: runOf(listMachine, 'r'),
    key: runOf(keyMachine, 'r'),
  };
  it.each(Object.keys(guards) as (keyof typeof guards)[])('of a %s is known as one', (kind) => {
    expect(histories[kind].every((operation) => guards[kind](operation))).toBe(true);
  });

  it.each([
    ['an action nobody knows', { action: 'purge' }, { status: 200 }],
    ['no action', {}, { status: 200 }],
    ['a member nobody knows', { action: 'wrap', force: true }, { status: 200 }],
    ['a member of every object', { action: 'wrap', toString: 'x' }, { status: 200 }],
    ['no status', { action: 'wrap' }, {}],
    ['a state that does not exist', { action: 'metadata' }, { status: 200, keyState: 4 }],
    ['no object', 'wrap', { status: 200 }],
  ])('of a key is none with %s', (_name, input, output) => {
    const common = { opId: 'o', register: 'r', invokedAt: 1, returnedAt: 2 };
    expect(isKeyOperation({ ...common, input, output, outcome: 'ok' })).toBe(false);
  });
});
