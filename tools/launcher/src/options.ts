// The launcher's command line. Checks each value and gives one sentence for a bad one.
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { requestsPerSecondMax, requestsPerSecondMin } from './region/region-record.ts';
import { defaultBasePort, defaultRegionalPort, portsProblem } from './region/zones.ts';

/** Ports are undefined when not given: a region that exists keeps its own. */
export interface LauncherOptions {
  readonly region: string;
  readonly dataDir: string;
  readonly port: number | undefined;
  readonly basePort: number | undefined;
  /** Undefined when not given: a region that exists keeps its own, a new one has no private endpoint. */
  readonly privatePort: number | undefined;
  /** Of one instance, in the region. Undefined: as before, or the gateways' own default. */
  readonly requestsPerSecond: number | undefined;
  readonly isDetached: boolean;
  /** Set by a launcher that starts itself again in the background. */
  readonly isBackground: boolean;
  readonly logLevel: string;
  readonly isDev: boolean;
  /** Faults may be made while it runs (docs/faults.md). For this start only. */
  readonly isWithFaults: boolean;
  /** What a development region is planted with; undefined: what it was planted with before, else the default. */
  readonly seedPath: string | undefined;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** Zones add `-1`; the whole goes into certificates, metric labels and file names. */
const regionPattern = /^[a-z0-9][a-z0-9-]{0,60}$/;

/** As commander gives them. */
interface GivenOptions {
  region: string;
  dataDir: string;
  port?: number;
  basePort?: number;
  privatePort?: number;
  requestsPerSecond?: number;
  detach?: true;
  background?: true;
  logLevel: string;
  dev?: true;
  faults?: true;
  seed?: string;
}

/** Reads `argv` (with the two leading words). Prints help or a sentence and exits by itself when there is nothing to run. */
export function parseOptions(argv: readonly string[], cwd: string): LauncherOptions {
  const command = launcherCommand().parse([...argv]);
  const options: GivenOptions = command.opts();
  if (options.seed !== undefined && options.dev === undefined) {
    command.error(
      'error: --seed needs --dev: only a development region is planted with known keys',
    );
  }
  return {
    region: options.region,
    dataDir: resolve(cwd, options.dataDir),
    port: options.port,
    basePort: options.basePort,
    privatePort: options.privatePort,
    requestsPerSecond: options.requestsPerSecond,
    isDetached: options.detach === true,
    isBackground: options.background === true,
    logLevel: options.logLevel,
    isDev: options.dev === true,
    isWithFaults: options.faults === true,
    seedPath: options.seed === undefined ? undefined : resolve(cwd, options.seed),
  };
}

function launcherCommand(): Command {
  return new Command('npm start --')
    .description('Runs a whole Zonehold region on this machine: three zones, five processes each.')
    .addOption(
      new Option('--region <name>', 'the region').default('us-south').argParser(parseRegion),
    )
    .addOption(
      new Option(
        '--data-dir <path>',
        'where regions live; this one in <path>/<region>. Its key file lies in $XDG_CONFIG_HOME/zonehold',
      ).default('.zonehold'),
    )
    .addOption(
      new Option(
        '--port <number>',
        `the regional HTTPS port (default: ${defaultRegionalPort})`,
      ).argParser(parsePort),
    )
    .addOption(
      new Option(
        '--base-port <number>',
        `first port of zone 1; zone n uses base + 10·(n-1) to base + 10·(n-1) + 8 (default: --port + ${defaultBasePort(0)})`,
      ).argParser(parsePort),
    )
    .addOption(
      new Option(
        '--private-port <number>',
        'serve the private endpoint there too (docs/network-policy.md); remembered',
      ).argParser(parsePort),
    )
    .addOption(
      new Option(
        '--requests-per-second <number>',
        'the most that one instance may ask of the region, twice as much at once; remembered',
      ).argParser(parseRate),
    )
    .addOption(
      new Option('--detach', 'return when the region is ready; it runs on in the background'),
    )
    .addOption(
      new Option('--log-level <level>', "the services' log level")
        .choices(logLevels)
        .default('info'),
    )
    .addOption(
      new Option(
        '--dev',
        'a region for development: seeded keys, a clock to move, answers to inject (docs/dev-mode.md)',
      ),
    )
    .addOption(
      new Option('--seed <file>', 'with --dev: what to plant (YAML; default: a demo tenant)'),
    )
    .addOption(
      new Option(
        '--faults',
        'let faults be made on purpose while it runs (docs/faults.md); not remembered',
      ),
    )
    .addOption(new Option('--background').hideHelp())
    .allowExcessArguments(false);
}

export interface ChosenPorts {
  readonly regionalPort: number;
  readonly basePort: number;
  readonly privatePort?: number | undefined;
}

/**
 * The ports a start uses: those given, else those the region had, else the defaults. A given --port moves the zones' ports only for a new
 * region.
 */
export function choosePorts(
  given: Pick<LauncherOptions, 'port' | 'basePort'> & Partial<Pick<LauncherOptions, 'privatePort'>>,
  known: ChosenPorts | undefined,
): ChosenPorts & { readonly problem?: string } {
  const regionalPort = given.port ?? known?.regionalPort ?? defaultRegionalPort;
  const basePort = given.basePort ?? known?.basePort ?? defaultBasePort(regionalPort);
  const privatePort = given.privatePort ?? known?.privatePort;
  const problem = portsProblem(regionalPort, basePort, privatePort);
  return {
    ...{ regionalPort, basePort },
    ...(privatePort === undefined ? {} : { privatePort }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function parseRegion(text: string): string {
  if (regionPattern.test(text)) return text;
  throw new InvalidArgumentError(
    'A region is lower-case letters, digits and hyphens, at most 61 characters.',
  );
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (/^\d+$/.test(text) && rate >= requestsPerSecondMin && rate <= requestsPerSecondMax)
    return rate;
  throw new InvalidArgumentError(
    `A rate is a number from ${requestsPerSecondMin} to ${requestsPerSecondMax}.`,
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}
