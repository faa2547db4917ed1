// `zonehold zone kill|pause|resume|start|replace-redis`: breaks and mends a zone, whole or one service of it.
import { Option, type Command } from 'commander';
import {
  serviceNames,
  type ProcessView,
  type SupervisedService,
  type ZoneAction,
} from '@zonehold/launcher';
import { printJson, printText, renderTable } from '../output.ts';
import { addReplaceRedisCommand } from './replace-redis.ts';
import { askLauncher, findRegion, type RegionOptions } from '../running-region.ts';

const descriptions: Readonly<Record<ZoneAction, string>> = {
  kill: 'kill -9, and it stays down until "zone start"',
  pause: 'SIGSTOP: it hangs until "zone resume"',
  resume: 'continues what was paused',
  start: 'starts what was killed, resumes what was paused',
};

interface ZoneOptions extends RegionOptions {
  readonly service?: SupervisedService;
  readonly json?: true;
}

export function addZoneCommands(program: Command): void {
  const zone = program.command('zone').description('Break a zone, and mend it');
  for (const [action, description] of Object.entries(descriptions)) {
    zone
      .command(`${action} <zone>`)
      .description(description)
      .addOption(
        new Option('--service <service>', 'only this one (default: all)').choices(serviceNames),
      )
      .option('--json', 'one JSON document')
      .action((name: string, options: ZoneOptions) => act(action as ZoneAction, name, options));
  }
  addReplaceRedisCommand(zone);
}

async function act(action: ZoneAction, zone: string, options: ZoneOptions): Promise<void> {
  const services = options.service === undefined ? [...serviceNames] : [options.service];
  const paths = findRegion(options);
  const reply = await askLauncher(paths, { command: 'zone', action, zone, services });
  const changed = reply.processes.filter(
    (process) => process.zone === zone && services.includes(process.service),
  );
  if (options.json === true) printJson({ zone, action, processes: changed });
  else printText(renderTable([['ZONE', 'SERVICE', 'STATE', 'PID'], ...changed.map(row)]));
}

function row({ zone, service, state, pid }: ProcessView): string[] {
  return [zone, service, state, pid === null ? '-' : String(pid)];
}
