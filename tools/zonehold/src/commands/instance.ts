// `zonehold instance create|list|suspend|resume|delete|open`: tenants of the region.
import type { Command } from 'commander';
import type { InstanceView } from '@zonehold/api-contract';
import { askOperator, refuse } from '@zonehold/launcher';
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
    .command('open <id>')
    .description(
      'Disable its policies allowedIP and allowedNetwork, for a tenant who is locked out',
    )
    .option('--json', 'one JSON document')
    .action((id: string, options: JsonOption) => change('open-instance', id, options));
  instance
    .command('suspend <id>')
    .description('Refuse every operation on an instance, in every zone, until it is resumed')
    .option('--json', 'one JSON document')
    .action((id: string, options: JsonOption) => change('suspend-instance', id, options));
  instance
    .command('resume <id>')
    .description('Serve a suspended instance again')
    .option('--json', 'one JSON document')
    .action((id: string, options: JsonOption) => change('resume-instance', id, options));
  instance
    .command('delete <id>')
    .description(
      'Delete a suspended instance for ever: nothing wrapped by its keys can be read again',
    )
    .requiredOption('--name <name>', 'its name, so that no other is meant')
    .option('--with-keys', 'although it holds keys that are not deleted')
    .option('--yes', 'yes, for ever')
    .option('--json', 'one JSON document')
    .action((id: string, options: DeleteOptions) => remove(id, options));
}

type JsonOption = RegionOptions & { readonly json?: true };

interface DeleteOptions extends JsonOption {
  readonly name: string;
  readonly withKeys?: true;
  readonly yes?: true;
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
  show(instance, options);
}

async function list(options: RegionOptions & { json?: true }): Promise<void> {
  const reply = await withOperator(options, (mesh) =>
    askOperator<'list-instances'>(mesh, { kind: 'list-instances' }),
  );
  if (options.json === true) printJson(reply);
  else printText(renderInstances(reply.instances));
}

async function change(
  kind: 'suspend-instance' | 'resume-instance' | 'open-instance',
  instanceId: string,
  options: JsonOption,
): Promise<void> {
  const instance = await withOperator(options, (mesh) =>
    askOperator<typeof kind>(mesh, { kind, instanceId }),
  );
  show(instance, options);
}

async function remove(instanceId: string, options: DeleteOptions): Promise<void> {
  const { name, withKeys, yes } = options;
  if (yes !== true) {
    refuse(`Nobody can take this back. Say --yes to delete instance ${instanceId} for ever.`);
  }
  const deleted = await withOperator(options, (mesh) =>
    askOperator<'delete-instance'>(mesh, {
      ...({ kind: 'delete-instance', instanceId, name } as const),
      isWithKeys: withKeys === true,
    }),
  );
  show(deleted, options);
}

function show(instance: InstanceView, { json }: JsonOption): void {
  if (json === true) printJson(instance);
  else printText(renderInstances([instance]));
}

function renderInstances(instances: readonly InstanceView[]): string {
  const rows = instances.map(({ instanceId, name, state, accountId, createdAt }) => [
    instanceId,
    name,
    state,
    accountId,
    createdAt,
  ]);
  return renderTable([['INSTANCE ID', 'NAME', 'STATE', 'ACCOUNT', 'CREATED'], ...rows]);
}
