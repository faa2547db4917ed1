#!/usr/bin/env node
// `npx zonehold`: looks at a running region, breaks and mends its zones, makes instances and API keys.
// Exit codes: 0 done, 1 refused or failed, 2 a scenario could not be run, 3 the region is not running.
import { Command, Option } from 'commander';
import { LauncherRefusal } from '@zonehold/launcher';
import { isKmsError } from '@zonehold/primitives';
import { addApiKeyCommands } from './commands/api-key.ts';
import { addClockCommands } from './commands/clock.ts';
import { addConsoleCommand } from './commands/console.ts';
import { addDrainCommands } from './commands/drain.ts';
import { addErasureCommands } from './commands/erasure.ts';
import { addFaultCommands } from './commands/fault.ts';
import { addGrantCommands } from './commands/grant.ts';
import { addInjectCommands } from './commands/inject.ts';
import { addInstanceCommands } from './commands/instance.ts';
import { addScenarioCommands } from './commands/scenario.ts';
import { addStatusCommand } from './commands/status.ts';
import { addStopCommand } from './commands/stop.ts';
import { addZoneCommands } from './commands/zone.ts';
import { NotRunning } from './running-region.ts';

const program = new Command('zonehold')
  .description('Operates a Zonehold region that "npm start" runs on this machine.')
  .showHelpAfterError();

addStatusCommand(program);
addConsoleCommand(program);
addZoneCommands(program);
addDrainCommands(program);
addInstanceCommands(program);
addApiKeyCommands(program);
addGrantCommands(program);
addErasureCommands(program);
addFaultCommands(program);
addClockCommands(program);
addInjectCommands(program);
addScenarioCommands(program);
addStopCommand(program);
addRegionOptions(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`zonehold: ${sentenceOf(error)}\n`);
  process.exitCode = error instanceof NotRunning ? 3 : 1;
}

/** Every command that does something knows how to find the region. */
function addRegionOptions(command: Command): void {
  for (const child of command.commands) addRegionOptions(child);
  if (command.commands.length > 0) return;
  command
    .addOption(new Option('--region <name>', 'the region').default('us-south'))
    .addOption(new Option('--data-dir <path>', 'where regions live').default('.zonehold'));
}

function sentenceOf(error: unknown): string {
  if (error instanceof LauncherRefusal || error instanceof NotRunning) return error.message;
  if (isKmsError(error)) {
    const outcome = error.outcome === 'unknown' ? ' Nobody can say whether it was applied.' : '';
    return `The region refused (${error.code}): ${error.message}.${outcome}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
