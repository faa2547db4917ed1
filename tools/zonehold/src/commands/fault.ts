// `zonehold fault add|list|clear`: makes things go wrong on purpose, in a region that was started with --faults (docs/faults.md).
import { existsSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  addFault,
  clearFaults,
  faultLastsMaxMs,
  listFaults,
  type FaultRule,
  type FaultSelector,
} from '@zonehold/faults';
import { refuse, type RegionPaths } from '@zonehold/launcher';
import { kmsErrorCodes, systemClock, systemRandom } from '@zonehold/primitives';
import type { Topology } from '@zonehold/service-host';
import { parseDurationUpTo } from '../duration.ts';
import { untilFollowed } from '../fault-followers.ts';
import {
  actionOf,
  parseBandwidth,
  parseParty,
  parseRoutes,
  type ActionOptions,
} from '../fault-options.ts';
import { renderFaults } from '../fault-view.ts';
import { printJson, printText } from '../output.ts';
import { askLauncher, findRegion, readTopology, type RegionOptions } from '../running-region.ts';

type Options = RegionOptions & { json?: true };

interface AddOptions extends Options, ActionOptions {
  readonly from?: FaultRule['from'];
  readonly to?: FaultRule['to'];
  readonly leg: FaultRule['legs'];
  readonly end: FaultRule['end'];
  readonly route?: string[];
  readonly except?: string[];
  readonly percent: number;
  readonly for: number;
  readonly reason: string;
}

interface ClearOptions extends Options {
  readonly scenario?: string;
  readonly all?: true;
}

const minuteMs = 60_000;
/** A fault always ends by itself: five minutes are enough to look at something. */
const defaultForMs = 5 * minuteMs;
/** Longer than any deadline of a call. */
const delayMaxMs = minuteMs;

export function addFaultCommands(program: Command): void {
  const fault = program
    .command('fault')
    .description('Faults on purpose, in a region started with npm start -- --faults');
  describeAdd(fault.command('add'));
  fault
    .command('list')
    .description('What goes wrong on purpose now')
    .option('--json', 'one JSON document')
    .action((options: Options) => list(options));
  fault
    .command('clear')
    .argument('[id]', 'one fault')
    .description('End faults at once')
    .option('--scenario <name>', 'those of one scenario')
    .option('--all', 'all of them')
    .option('--json', 'one JSON document')
    .action((id: string | undefined, options: ClearOptions) => clear(id, options));
}

function describeAdd(command: Command): void {
  const party = 'a zone, a service, or zone/service (default: any)';
  command
    .description('Delay, refuse, cut or swallow messages between services, or to Redis')
    .addOption(new Option('--from <who>', `who sends: ${party}`).argParser(parseParty))
    .addOption(new Option('--to <whom>', `who receives: ${party}`).argParser(parseParty))
    .addOption(
      new Option('--leg <leg>', 'requests that are sent, replies that are sent, or both')
        .choices(['request', 'reply', 'both'])
        .default('both'),
    )
    .option('--route <routes>', 'only these: key-manager.*, accept, ping, …', parseRoutes)
    .option('--except <routes>', 'all but these', parseRoutes)
    .addOption(
      new Option('--end <end>', 'in whose process it is applied')
        .choices(['sender', 'receiver'])
        .default('sender'),
    )
    .addOption(delayOption('--delay <duration>', 'hold each message so long, such as 200ms'))
    .addOption(delayOption('--jitter <duration>', 'and up to so much longer'))
    .addOption(
      new Option('--abort <code>', 'answer requests with this failure').choices(kmsErrorCodes),
    )
    .option('--reset', 'cut the connection, and refuse new ones')
    .option('--black-hole', 'swallow messages without a word')
    .addOption(
      new Option('--bandwidth <bytes>', 'bytes in a second, such as 10k').argParser(parseBandwidth),
    )
    .addOption(
      new Option('--percent <number>', 'of the messages, by chance')
        .argParser(parsePercent)
        .default(100),
    )
    .addOption(
      new Option('--for <duration>', 'until it ends by itself, at most 1h')
        .argParser(parseDurationUpTo(faultLastsMaxMs))
        .default(defaultForMs, '5m'),
    )
    .option('--reason <text>', 'why, for those who see it', 'made by hand')
    .option('--json', 'one JSON document')
    .action((options: AddOptions) => add(options));
}

function delayOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseDurationUpTo(delayMaxMs));
}

async function add(options: AddOptions): Promise<void> {
  const { from = {}, to = {}, leg: legs, route, except, percent, end, reason } = options;
  const action = actionOf(options);
  if ('problem' in action) refuse(action.problem);
  const { paths, topology } = await openFaults(options);
  for (const { zone } of [from, to]) refuseUnknownZone(topology, zone);
  const added = await addFault(
    paths.faults,
    {
      ...{ from, to, legs, action, percent, end, reason, lastsMs: options.for },
      ...(route === undefined ? {} : { routes: route }),
      ...(except === undefined ? {} : { exceptRoutes: except }),
    },
    systemClock,
    systemRandom,
  );
  if (!added.ok) refuse(added.problems.join(' '));
  const { rule } = added;
  const late = await untilFollowed(topology, (ids) => ids.includes(rule.id));
  show(options, [rule], { fault: rule, late }, late);
}

async function list(options: Options): Promise<void> {
  const { paths } = await openFaults(options);
  const faults = await listFaults(paths.faults, systemClock);
  show(options, faults, { faults }, []);
}

async function clear(id: string | undefined, options: ClearOptions): Promise<void> {
  const { scenario, all } = options;
  const wanted: FaultSelector[] = [
    ...(id === undefined ? [] : [{ id }]),
    ...(scenario === undefined ? [] : [{ scenario }]),
    ...(all === undefined ? [] : ['all' as const]),
  ];
  const [selector] = wanted;
  if (selector === undefined || wanted.length > 1) {
    return refuse('Say which faults to end: one by its id, --scenario NAME, or --all.');
  }
  const { paths, topology } = await openFaults(options);
  const cleared = await clearFaults(paths.faults, selector);
  if (id !== undefined && cleared.length === 0) refuse(`There is no fault ${id}.`);
  const late = await untilFollowed(topology, (ids) => !cleared.some((gone) => ids.includes(gone)));
  if (options.json === true) printJson({ cleared, late });
  else printText([clearedText(cleared), ...late].join('\n'));
}

function clearedText(cleared: readonly string[]): string {
  return cleared.length === 0 ? 'There were no such faults.' : `Ended ${cleared.join(', ')}.`;
}

function show(
  { json }: Options,
  faults: readonly FaultRule[],
  document: unknown,
  late: readonly string[],
): void {
  if (json === true) printJson(document);
  else printText([renderFaults(faults, systemClock.wallMs()), ...late].join('\n'));
}

/** A region that runs and follows rules. */
async function openFaults(
  options: RegionOptions,
): Promise<{ readonly paths: RegionPaths; readonly topology: Topology }> {
  const paths = findRegion(options);
  await askLauncher(paths, { command: 'processes' });
  if (!existsSync(paths.faults)) {
    refuse('This region was started without faults: start it with "npm start -- --faults".');
  }
  return { paths, topology: readTopology(paths) };
}

function refuseUnknownZone(topology: Topology, zone: string | undefined): void {
  const zones = topology.zones.map((entry) => entry.zone);
  if (zone === undefined || zone === '-' || zones.includes(zone)) return;
  refuse(`There is no zone ${zone}; the zones are ${zones.join(', ')}.`);
}

function parsePercent(text: string): number {
  const percent = Number(text);
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && percent > 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('A percentage is a number above 0 and at most 100.');
}
