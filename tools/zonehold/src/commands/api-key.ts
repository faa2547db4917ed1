// `zonehold apikey create|revoke|list`: who may use which instance.
import { Option, type Command } from 'commander';
import type { ApiKeyView } from '@zonehold/api-contract';
import type { RoleName } from '@zonehold/key-domain';
import { askOperator } from '@zonehold/launcher';
import { printJson, printText, renderTable } from '../output.ts';
import { withOperator, type RegionOptions } from '../running-region.ts';
import { collectRole } from './grant.ts';

interface JsonOption extends RegionOptions {
  readonly json?: true;
}
interface CreateOptions extends JsonOption {
  readonly role: readonly RoleName[];
  readonly instance: string;
  readonly name: string;
  readonly service?: string;
}

export function addApiKeyCommands(program: Command): void {
  const apiKey = program.command('apikey').description('API keys: who may use which instance');
  apiKey
    .command('create')
    .description('Make an API key; it is shown once')
    .addOption(
      new Option('--role <role>', 'a role on the instance; may be given several times')
        .makeOptionMandatory()
        .argParser(collectRole),
    )
    .requiredOption('--instance <id>', 'the instance')
    .option('--name <name>', 'what people call it', 'api key')
    .option(
      '--service <name>',
      'for a service with this name in its CRNs: it may register resources',
    )
    .option('--json', 'one JSON document; the secret is in its field apiKey')
    .action((options: CreateOptions) => create(options));
  apiKey
    .command('revoke <id>')
    .description('Revoke an API key; its live tokens fail on their next operation')
    .option('--json', 'one JSON document')
    .action((id: string, options: JsonOption) => revoke(id, options));
  apiKey
    .command('list')
    .description('All API keys, without their secrets')
    .option('--json', 'one JSON document')
    .action((options: JsonOption) => list(options));
}

async function create(options: CreateOptions): Promise<void> {
  const { name, role: roles, instance: instanceId, service } = options;
  const created = await withOperator(options, (mesh) =>
    askOperator<'create-api-key'>(mesh, {
      kind: 'create-api-key',
      name,
      ...(service === undefined ? {} : { service }),
      grants: [{ instanceId, roles }],
    }),
  );
  if (options.json === true) {
    printJson(created);
    return;
  }
  printText(`${renderApiKeys([created])}\n\nAPI key (shown once): ${created.apiKey}`);
}

async function revoke(credentialId: string, options: JsonOption): Promise<void> {
  const revoked = await withOperator(options, (mesh) =>
    askOperator<'revoke-api-key'>(mesh, { kind: 'revoke-api-key', credentialId }),
  );
  if (options.json === true) printJson(revoked);
  else printText(renderApiKeys([revoked]));
}

async function list(options: JsonOption): Promise<void> {
  const reply = await withOperator(options, (mesh) =>
    askOperator<'list-api-keys'>(mesh, { kind: 'list-api-keys' }),
  );
  if (options.json === true) printJson(reply);
  else printText(renderApiKeys(reply.apiKeys));
}

function renderApiKeys(apiKeys: readonly ApiKeyView[]): string {
  const rows = apiKeys.map(({ credentialId, name, service, isRevoked, instanceIds, createdAt }) => [
    credentialId,
    name,
    service ?? '-',
    isRevoked ? 'revoked' : 'live',
    createdAt,
    instanceIds.join(' '),
  ]);
  return renderTable([['ID', 'NAME', 'SERVICE', 'STATE', 'CREATED', 'INSTANCES'], ...rows]);
}
