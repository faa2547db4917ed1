// `zonehold stop`: asks the launcher to end the region, and waits until its process is gone too.
import type { Command } from 'commander';
import { refuse } from '@zonehold/launcher';
import { Deadline, systemClock } from '@zonehold/primitives';
import { printText } from '../output.ts';
import { askLauncher, findRegion, type RegionOptions } from '../running-region.ts';

/** The launcher ends as soon as its answer has left. */
const endsWithinMs = 5_000;
const pollMs = 20;

export function addStopCommand(program: Command): void {
  program
    .command('stop')
    .description('Stop the region: gateways drain, then the others, then Redis')
    .action((options: RegionOptions) => stop(options));
}

async function stop(options: RegionOptions): Promise<void> {
  const { supervisorPid } = await askLauncher(findRegion(options), { command: 'stop' });
  const deadline = Deadline.after(systemClock, endsWithinMs);
  while (isAlive(supervisorPid)) {
    if (deadline.hasPassed())
      refuse(`The services have stopped, but the launcher (process ${supervisorPid}) has not.`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  printText(`Region ${options.region} is stopped.`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
