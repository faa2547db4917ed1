// Judges a history file, as a command: node libs/testkit/src/history/check-file.ts --model key history.jsonl
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cellModel } from './cell-model.ts';
import { checkHistory, type RegisterVerdict } from './check-linearizable.ts';
import { readHistory } from './history-file.ts';
import { keyModel } from './key-model.ts';
import { listModel } from './list-model.ts';
import type { Model } from './model.ts';
import type { RecordedOperation } from './operation.ts';
import { isCellOperation, isKeyOperation, isListOperation } from './recorded-as.ts';

const usage = `usage: node libs/testkit/src/history/check-file.ts --model cell|list|key [--registers <prefix>] <path>
Ends with 0 when all registers are linearizable, with 1 when one is not or undecided, with 2 when there is no such history.
`;

type AnyRecord = RecordedOperation<unknown, unknown>;
type Judgement = readonly RegisterVerdict[] | { readonly stranger: string };

function judgeBy<State, Input, Output>(
  model: Model<State, Input, Output>,
  isKnown: (operation: AnyRecord) => operation is RecordedOperation<Input, Output>,
): (operations: readonly AnyRecord[]) => Judgement {
  return (operations) => {
    const stranger = operations.find((operation) => !isKnown(operation));
    if (stranger !== undefined) return { stranger: stranger.opId };
    return checkHistory(model, operations.filter(isKnown));
  };
}

const judges: Readonly<Record<string, (operations: readonly AnyRecord[]) => Judgement>> = {
  cell: judgeBy(cellModel, isCellOperation),
  list: judgeBy(listModel, isListOperation),
  key: judgeBy(keyModel, isKeyOperation),
};

/** What to say, and how to end. */
function run(): { readonly text: string; readonly exitCode: 0 | 1 | 2 } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { model: { type: 'string' }, registers: { type: 'string', default: '' } },
  });
  const { model = '', registers: prefix } = values;
  const judge = Object.hasOwn(judges, model) ? judges[model] : undefined;
  const [path, ...others] = positionals;
  if (judge === undefined || path === undefined || others.length > 0) {
    return { text: usage, exitCode: 2 };
  }
  const history = readHistory(readFileSync(path, 'utf8'));
  if (!history.ok) return { text: `${path}:${history.at}: ${history.problem}\n`, exitCode: 2 };
  const operations = history.operations.filter(({ register }) => register.startsWith(prefix));
  const judgement = judge(operations);
  if ('stranger' in judgement) {
    const text = `${judgement.stranger} is nothing that the ${model} model knows (README.md)\n`;
    return { text, exitCode: 2 };
  }
  const registerCount = new Set(operations.map(({ register }) => register)).size;
  const lines = [
    ...judgement.map(({ register, verdict }) => `${register}: ${verdict.kind}: ${verdict.message}`),
    `${operations.length} operations on ${registerCount} registers, ${judgement.length} not linearizable or undecided`,
  ];
  return { text: `${lines.join('\n')}\n`, exitCode: judgement.length === 0 ? 0 : 1 };
}

try {
  const { text, exitCode } = run();
  (exitCode === 2 ? process.stderr : process.stdout).write(text);
  process.exitCode = exitCode;
} catch (error) {
  // An unknown option, or a file that cannot be read.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}
