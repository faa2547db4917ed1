// `zonehold erasure list`: key material that still has to leave a disk or a cache, and what it waits for.
import type { Command } from 'commander';
import type { AdminReplies, ErasureView } from '@zonehold/api-contract';
import { askOperator } from '@zonehold/launcher';
import { printJson, printText, renderTable } from '../output.ts';
import { withOperator, type RegionOptions } from '../running-region.ts';

type Options = RegionOptions & { json?: true };

export function addErasureCommands(program: Command): void {
  program
    .command('erasure')
    .description('Key material of purged and deleted keys on its way out')
    .command('list')
    .description('What is not erased yet, and which zone lacks which step')
    .option('--json', 'one JSON document')
    .action((options: Options) => list(options));
}

async function list(options: Options): Promise<void> {
  const reply = await withOperator(options, (mesh) =>
    askOperator<'list-erasures'>(mesh, { kind: 'list-erasures' }),
  );
  if (options.json === true) printJson(reply);
  else printText(renderErasures(reply));
}

function renderErasures({ erasures, total }: AdminReplies['list-erasures']): string {
  const heading = ['INSTANCE ID', 'KEY ID', 'KIND', 'REQUESTED', 'DUE', 'WAITS FOR'];
  const table = renderTable([heading, ...erasures.flatMap(rowsOf)]);
  const hidden = total - erasures.length;
  return hidden > 0 ? `${table}\n... and ${hidden} more` : table;
}

/** One line for each thing that is lacking; the ids stand on the first. */
function rowsOf(erasure: ErasureView): string[][] {
  const { instanceId, keyId, kind, requestedAt, dueAt, lacks } = erasure;
  const [first = '-', ...others] = lacks.map(
    ({ zone, step, reason }) => `${zone} ${step}: ${reason}`,
  );
  return [
    [instanceId, keyId, kind, requestedAt, dueAt, first],
    ...others.map((text) => ['', '', '', '', '', text]),
  ];
}
