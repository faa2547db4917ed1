// `zonehold grant add|remove|list`: which roles an API key has, and where.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { GrantTarget, GrantView } from '@zonehold/api-contract';
import { roleNames, type RoleName } from '@zonehold/key-domain';
import { askOperator, refuse } from '@zonehold/launcher';
import { printJson, printText, renderTable } from '../output.ts';
import { withOperator, type RegionOptions } from '../running-region.ts';

/** Where roles hold, as options. */
interface TargetOptions extends RegionOptions {
  readonly account?: string;
  readonly instance?: string;
  readonly ring?: string;
  readonly key?: string;
  readonly json?: true;
}
interface RemoveOptions extends TargetOptions {
  readonly apiKey: string;
  readonly role?: readonly RoleName[];
}
interface AddOptions extends RemoveOptions {
  readonly role: readonly RoleName[];
}
interface ListOptions extends TargetOptions {
  readonly apiKey?: string;
}

export function addGrantCommands(program: Command): void {
  const grant = program.command('grant').description('Roles: which API key may do what where');
  const role = (): Option =>
    new Option('--role <role>', 'a role; may be given several times').argParser(collectRole);
  withTarget(grant.command('add'))
    .description('Give roles to an API key; every zone knows when this returns')
    .requiredOption('--api-key <id>', 'the API key')
    .addOption(role().makeOptionMandatory())
    .action((options: AddOptions) => add(options));
  withTarget(grant.command('remove'))
    .description('Take roles from an API key; live tokens lose them when this returns')
    .requiredOption('--api-key <id>', 'the API key')
    .addOption(role())
    .action((options: RemoveOptions) => remove(options));
  withTarget(grant.command('list'))
    .description('The roles given at one place, or all that one API key has')
    .option('--api-key <id>', 'only those of this API key')
    .action((options: ListOptions) => list(options));
}

function withTarget(command: Command): Command {
  return command
    .option('--account <id>', 'in every instance of this account, those to come too')
    .option('--instance <id>', 'in this instance')
    .option('--ring <id>', 'with --instance: on the keys of this ring')
    .option('--key <id>', 'with --instance: on this key')
    .option('--json', 'one JSON document');
}

/** A role of the contract in any case, after those given before. */
export function collectRole(
  text: string,
  before: readonly RoleName[] | undefined,
): readonly RoleName[] {
  const role = roleNames.find((name) => name.toLowerCase() === text.toLowerCase());
  if (role === undefined) {
    throw new InvalidArgumentError(`The roles are ${roleNames.join(', ')}.`);
  }
  return [...(before ?? []), role];
}

/** The place that the options name; undefined when they name none. Refuses what is no one place. */
export function targetOf(
  options: Pick<TargetOptions, 'account' | 'instance' | 'ring' | 'key'>,
): GrantTarget | undefined {
  const { account, instance, ring, key } = options;
  if (account !== undefined && instance === undefined && ring === undefined && key === undefined) {
    return { accountId: account };
  }
  if (
    account === undefined &&
    instance !== undefined &&
    (ring === undefined || key === undefined)
  ) {
    if (key !== undefined) return { instanceId: instance, keyId: key };
    return ring === undefined
      ? { instanceId: instance }
      : { instanceId: instance, keyRingId: ring };
  }
  return [account, instance, ring, key].every((option) => option === undefined)
    ? undefined
    : refuse(
        'Say where: --account, or --instance, or --instance with --ring, or --instance with --key.',
      );
}

function wantedTarget(options: TargetOptions): GrantTarget {
  return targetOf(options) ?? refuse('Say where: --account or --instance is missing.');
}

async function add(options: AddOptions): Promise<void> {
  const { apiKey: credentialId, role: roles } = options;
  const target = wantedTarget(options);
  const reply = await withOperator(options, (mesh) =>
    askOperator<'add-grant'>(mesh, { kind: 'add-grant', credentialId, target, roles }),
  );
  show(reply, options);
}

async function remove(options: RemoveOptions): Promise<void> {
  const { apiKey: credentialId, role: roles } = options;
  const target = wantedTarget(options);
  const reply = await withOperator(options, (mesh) =>
    askOperator<'remove-grant'>(mesh, {
      ...({ kind: 'remove-grant', credentialId, target } as const),
      ...(roles === undefined ? {} : { roles }),
    }),
  );
  show(reply, options);
}

async function list(options: ListOptions): Promise<void> {
  const { apiKey: credentialId } = options;
  const target = targetOf(options);
  if (target === undefined && credentialId === undefined) {
    refuse('Say whose or where: --api-key, --account or --instance.');
  }
  const reply = await withOperator(options, (mesh) =>
    askOperator<'list-grants'>(mesh, {
      kind: 'list-grants',
      ...(credentialId === undefined ? {} : { credentialId }),
      ...(target === undefined ? {} : { target }),
    }),
  );
  show(reply, options);
}

function show(reply: { readonly grants: readonly GrantView[] }, { json }: TargetOptions): void {
  if (json === true) printJson(reply);
  else printText(renderGrants(reply.grants));
}

function renderGrants(grants: readonly GrantView[]): string {
  const rows = grants.map(({ credentialId, accountId, instanceId, keyRingId, keyId, roles }) => [
    credentialId,
    ...[accountId, instanceId, keyRingId, keyId].map((id) => id ?? '-'),
    roles.join(' '),
  ]);
  return renderTable([['API KEY', 'ACCOUNT', 'INSTANCE ID', 'RING', 'KEY ID', 'ROLES'], ...rows]);
}
