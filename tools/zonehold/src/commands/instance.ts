// `zonehold instance create|list|open`: tenants of the region.
import type { Command } from 'commander';
import type { InstanceView } from '@zonehold/api-contract';
import { askOperator } from '@zonehold/launcher';
import { printJson, printText, renderTable } from '../output.ts';
import { withOperator, type RegionOptions } from '../running-region.ts';

export function addInstanceCommands(program: Command): void {
  const instance = program.command('instance').description('Instances: one per tenant');
  instance
    .command('create')
    .description('Make an instance; it has no keys and nobody has rights on it')
    .requiredOption('--name <name>', 'what people call it')
    .option('--account <id>', 'the account it belongs to')
    .option('--json', 'one JSON document')
    .action((options: CreateOptions) => create(options));
  instance
    .command('list')
    .description('All instances')
    .option('--json', 'one JSON document')
    .action((options: RegionOptions & { json?: true }) => list(options));
  instance
    .command('open <instance-id>')
    .description(
      'Disable its policies allowedIP and allowedNetwork, for a tenant who is locked out',
    )
    .option('--json', 'one JSON document')
    .action((id: string, options: RegionOptions & { json?: true }) => open(id, options));
}

interface CreateOptions extends RegionOptions {
  readonly name: string;
  readonly account?: string;
  readonly json?: true;
}

async function create(options: CreateOptions): Promise<void> {
  const { name, account } = options;
  const instance = await withOperator(options, (mesh) =>
    askOperator<'create-instance'>(mesh, {
      kind: 'create-instance',
      name,
      ...(account === undefined ? {} : { accountId: account }),
    }),
  );
  if (options.json === true) printJson(instance);
  else printText(renderInstances([instance]));
}

async function list(options: RegionOptions & { json?: true }): Promise<void> {
  const reply = await withOperator(options, (mesh) =>
    askOperator<'list-instances'>(mesh, { kind: 'list-instances' }),
  );
  if (options.json === true) printJson(reply);
  else printText(renderInstances(reply.instances));
}

async function open(instanceId: string, options: RegionOptions & { json?: true }): Promise<void> {
  const instance = await withOperator(options, (mesh) =>
    askOperator<'open-instance'>(mesh, { kind: 'open-instance', instanceId }),
  );
  if (options.json === true) printJson(instance);
  else printText(renderInstances([instance]));
}

function renderInstances(instances: readonly InstanceView[]): string {
  const rows = instances.map(({ instanceId, name, accountId, createdAt }) => [
    instanceId,
    name,
    accountId,
    createdAt,
  ]);
  return renderTable([['INSTANCE ID', 'NAME', 'ACCOUNT', 'CREATED'], ...rows]);
}
