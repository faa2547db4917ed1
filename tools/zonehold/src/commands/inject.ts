// `zonehold inject add|list|clear`: answers that the gateways of a development region make up, to see how a client takes them.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DevChange } from '@zonehold/launcher';
import {
  injectableStatuses,
  injectedLatencyMaxMs,
  injectionMaxMs,
  type InjectableStatus,
} from '@zonehold/service-host';
import { changeDev, followerRemarks, setExitCode } from '../dev-change.ts';
import { renderInjections } from '../dev-view.ts';
import { parseDurationUpTo } from '../duration.ts';
import { printJson, printText } from '../output.ts';
import type { RegionOptions } from '../running-region.ts';

type Options = RegionOptions & { json?: true };

interface AddOptions extends Options {
  readonly route: string;
  readonly status?: InjectableStatus;
  readonly latency?: number;
  readonly percent: number;
  readonly for: number;
}

/** An injection always ends by itself: five minutes are enough to look at a client. */
const defaultForMs = 300_000;

export function addInjectCommands(program: Command): void {
  const inject = program
    .command('inject')
    .description('Answers that gateways make up, in a development region (npm start -- --dev)');
  inject
    .command('add')
    .description('Refuse or delay some requests before anything is done for them')
    .requiredOption('--route <operation>', "the operation's name in the SDK, or * for all")
    .addOption(
      new Option('--status <code>', `refuse: ${injectableStatuses.join(', ')}`).argParser(
        parseStatus,
      ),
    )
    .addOption(
      new Option('--latency <duration>', 'delay, such as 300ms').argParser(
        parseDurationUpTo(injectedLatencyMaxMs),
      ),
    )
    .addOption(
      new Option('--percent <number>', 'of the requests, by chance')
        .argParser(parsePercent)
        .default(100),
    )
    .addOption(
      new Option('--for <duration>', 'until it ends by itself, at most 1h')
        .argParser(parseDurationUpTo(injectionMaxMs))
        .default(defaultForMs, '5m'),
    )
    .option('--json', 'one JSON document')
    .action((options: AddOptions) => add(options));
  inject
    .command('list')
    .description('What is made up now')
    .option('--json', 'one JSON document')
    .action((options: Options) => change({ action: 'show' }, options));
  inject
    .command('clear')
    .argument('[id]', 'one injection (default: all)', parseId)
    .description('End it at once')
    .option('--json', 'one JSON document')
    .action((id: number | undefined, options: Options) =>
      change({ action: 'clear-injections', ...(id === undefined ? {} : { id }) }, options),
    );
}

function add(options: AddOptions): Promise<void> {
  const { route, status, latency, percent } = options;
  return change(
    {
      ...{ action: 'inject', route, percent, forMs: options.for },
      ...(status === undefined ? {} : { status }),
      ...(latency === undefined ? {} : { latencyMs: latency }),
    },
    options,
  );
}

async function change(wanted: DevChange, options: Options): Promise<void> {
  const { dev, followers } = await changeDev(options, wanted, 'gateway');
  setExitCode(followers);
  const { injections } = dev;
  if (options.json === true) printJson({ injections, zones: followers });
  else printText([renderInjections(injections), ...followerRemarks(followers)].join('\n'));
}

function parseStatus(text: string): InjectableStatus {
  const found = injectableStatuses.find((status) => String(status) === text);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`A status is one of ${injectableStatuses.join(', ')}.`);
}

function parsePercent(text: string): number {
  const percent = Number(text);
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && percent > 0 && percent <= 100) return percent;
  throw new InvalidArgumentError('A percentage is a number above 0 and at most 100.');
}

function parseId(text: string): number {
  const id = Number(text);
  if (/^\d{1,9}$/.test(text) && id > 0) return id;
  throw new InvalidArgumentError('An id is a number from "inject list".');
}
