// `zonehold clock show|advance|set`: the keys' time of a development region. It only goes forward.
import { InvalidArgumentError, type Command } from 'commander';
import type { DevChange } from '@zonehold/launcher';
import { systemClock } from '@zonehold/primitives';
import { changeDev, followerRemarks, setExitCode } from '../dev-change.ts';
import { durationText, parseDuration } from '../duration.ts';
import { printJson, printText } from '../output.ts';
import type { RegionOptions } from '../running-region.ts';

type Options = RegionOptions & { json?: true };

/** RFC 3339: no other form of a date means one moment to everybody. */
const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;

export function addClockCommands(program: Command): void {
  const clock = program
    .command('clock')
    .description("The keys' time, in a development region (npm start -- --dev)");
  clock
    .command('show')
    .description("The keys' time, and how far it is ahead")
    .option('--json', 'one JSON document')
    .action((options: Options) => change({ action: 'show' }, options));
  clock
    .command('advance')
    .argument('<duration>', 'such as 31d, 90m or 1h30m', parseDuration)
    .description("Move the keys' time forward: waits, windows, expirations and schedules")
    .option('--json', 'one JSON document')
    .action((byMs: number, options: Options) => change({ action: 'advance-clock', byMs }, options));
  clock
    .command('set')
    .argument('<time>', 'RFC 3339, such as 2031-01-01T00:00:00Z', parseTime)
    .description("Move the keys' time forward to a moment")
    .option('--json', 'one JSON document')
    .action((toMs: number, options: Options) => change({ action: 'set-clock', toMs }, options));
}

function parseTime(text: string): number {
  const ms = timePattern.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError('A time looks like 2031-01-01T00:00:00Z (RFC 3339).');
}

async function change(wanted: DevChange, options: Options): Promise<void> {
  const { dev, followers } = await changeDev(options, wanted, 'key-manager');
  const { clockOffsetMs } = dev;
  const keyTime = new Date(systemClock.wallMs() + clockOffsetMs).toISOString();
  setExitCode(followers);
  if (options.json === true) {
    printJson({ keyTime, clockOffsetMs, zones: followers });
    return;
  }
  const ahead =
    clockOffsetMs === 0 ? "this machine's" : `${durationText(clockOffsetMs)} ahead of this machine`;
  printText([`The keys' time is ${keyTime} (${ahead}).`, ...followerRemarks(followers)].join('\n'));
}
