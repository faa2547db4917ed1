// `zonehold console`: where the consoles are, and the token to sign in with. The token is shown to whoever may read its file, on
// their own terminal, and goes into no address: addresses end up in histories.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { printJson, printText } from '../output.ts';
import { askLauncher, findRegion, readTopology, type RegionOptions } from '../running-region.ts';

export function addConsoleCommand(program: Command): void {
  program
    .command('console')
    .description('The addresses of the consoles, and the token to sign in with')
    .option('--json', 'one JSON document')
    .action((options: RegionOptions & { json?: true }) => showConsole(options));
}

async function showConsole(options: RegionOptions & { json?: true }): Promise<void> {
  const paths = findRegion(options);
  await askLauncher(paths, { command: 'processes' });
  const consoles = readTopology(paths).zones.map(({ zone, 'health-monitor': monitor }) => ({
    zone,
    url: `http://${monitor.host}:${monitor.opsPort}/console/`,
  }));
  const token = readFileSync(paths.consoleToken, 'utf8').trim();
  if (options.json === true) printJson({ consoles, token, tokenPath: paths.consoleToken });
  else printText(consoleText(consoles, token, paths.consoleToken));
}

function consoleText(
  consoles: readonly { readonly zone: string; readonly url: string }[],
  token: string,
  tokenPath: string,
): string {
  return [
    'Each zone has a console; all show the whole region:',
    ...consoles.map(({ zone, url }) => `  ${zone}  ${url}`),
    '',
    'Sign in there with this token:',
    `  ${token}`,
    `It lies in ${tokenPath}. To replace it, remove that file and start the region again.`,
  ].join('\n');
}
