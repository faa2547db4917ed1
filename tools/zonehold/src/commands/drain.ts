// `zonehold drain|undrain`: keeps requests away from a zone for some time, and lets them come again.
import { Option, type Command } from 'commander';
import {
  healthMonitorMethods,
  type DrainReply,
  type DrainRequest,
  type UndrainRequest,
} from '@zonehold/api-contract';
import { refuse } from '@zonehold/launcher';
import { Deadline, systemClock, systemRandom, toHex } from '@zonehold/primitives';
import { durationText, parseDurationUpTo } from '../duration.ts';
import { printJson, printText } from '../output.ts';
import { withMonitors, type RegionOptions } from '../running-region.ts';

type Options = RegionOptions & { json?: true };

interface DrainOptions extends Options {
  readonly for: number;
  readonly reason: string;
}

const defaultForMs = 3_600_000;
/** docs/health-monitor.md. */
const longestMs = 72 * 3_600_000;
/** A monitor decides by what it knows; the time is for finding one that is in touch with the others. */
const askTimeoutMs = 3_000;

export function addDrainCommands(program: Command): void {
  program
    .command('drain')
    .argument('<zone>', 'the zone')
    .description('Keep requests away from a zone until a time, while two others serve')
    .addOption(
      new Option('--for <duration>', 'until it ends by itself, at most 72h')
        .argParser(parseDurationUpTo(longestMs))
        .default(defaultForMs, '1h'),
    )
    .requiredOption('--reason <text>', 'a line that others see')
    .option('--json', 'one JSON document')
    .action((zone: string, options: DrainOptions) => drain(zone, options));
  program
    .command('undrain')
    .argument('<zone>', 'the zone')
    .description('Let requests come to a drained zone again')
    .option('--json', 'one JSON document')
    .action((zone: string, options: Options) => undrain(zone, options));
}

async function drain(zone: string, options: DrainOptions): Promise<void> {
  const { reason, for: lengthMs } = options;
  const id = `d-${toHex(systemRandom.bytes(8))}`;
  await ask(options, healthMonitorMethods.drain, { id, zone, reason, lengthMs });
  const endsAt = new Date(systemClock.wallMs() + lengthMs).toISOString();
  if (options.json === true) printJson({ zone, reason, endsAt });
  else {
    printText(
      `${zone} is drained for ${durationText(lengthMs)}, until ${endsAt}. Its Redis goes on voting; "zonehold undrain ${zone}" ends it before.`,
    );
  }
}

async function undrain(zone: string, options: Options): Promise<void> {
  await ask(options, healthMonitorMethods.undrain, { zone });
  if (options.json === true) printJson({ zone });
  else printText(`${zone} is not drained any more. Its share comes back within 30 s.`);
}

/** Any monitor that is in touch with most others decides; a repeat changes nothing. */
async function ask(
  options: Options,
  method: string,
  request: DrainRequest | UndrainRequest,
): Promise<void> {
  const { reply } = await withMonitors(options, (mesh) =>
    mesh.call<DrainReply>('health-monitor', method, request, {
      deadline: Deadline.after(systemClock, askTimeoutMs),
      retry: 'always',
    }),
  );
  if (!reply.ok) refuse(reply.reason);
}
