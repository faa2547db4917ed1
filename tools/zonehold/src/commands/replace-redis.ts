// `zonehold zone replace-redis`: moves a zone to a new, empty Redis beside the old one. The plan first, then a question, then
// steps that may each be repeated: run it again after anything went wrong, and it goes on where it stopped.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { AdminReplies } from '@zonehold/api-contract';
import { askOperator, refuse, type RegionPaths, type ReplacementView } from '@zonehold/launcher';
import type { MeshClient } from '@zonehold/mesh';
import { isKmsError, systemClock } from '@zonehold/primitives';
import { printJson } from '../output.ts';
import { progressText } from '../rebuild-view.ts';
import { askLauncher, findRegion, withOperator, type RegionOptions } from '../running-region.ts';
import { openProgressLine, type ProgressLine } from '../progress-line.ts';

interface ReplaceOptions extends RegionOptions {
  readonly yes?: true;
  readonly json?: true;
}

type Zones = AdminReplies['zones'];

/** A Redis that was just started needs a moment until it can be reached. */
const startAttemptsMax = 40;
const pauseMs = 500;

export function addReplaceRedisCommand(zone: Command): void {
  zone
    .command('replace-redis <zone>')
    .description(
      'Move a zone to a new, empty Redis while the region serves; asks after showing the plan',
    )
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON document at the end; the plan and the progress go to stderr')
    .action((name: string, options: ReplaceOptions) => replaceRedis(name, options));
}

async function replaceRedis(zone: string, options: ReplaceOptions): Promise<void> {
  const paths = findRegion(options);
  const out = options.json === true ? process.stderr : process.stdout;
  const say = (line: string): void => void out.write(`${line}\n`);
  const looked = await askReplacement(paths, { command: 'replace-redis', step: 'look', zone });
  const done = await withOperator(options, async (mesh) => {
    const { plan, refusal } = await askToReplace(mesh, zone, looked, true);
    for (const line of planLines(zone, looked, plan)) say(line);
    if (refusal !== '') refuse(`It cannot be done now: ${refusal}. Nothing was changed.`);
    if (options.yes !== true && !(await isConfirmed(out))) refuse('Nothing was changed.');
    const prepared = await askReplacement(paths, {
      command: 'replace-redis',
      step: 'prepare',
      zone,
    });
    await begin(mesh, zone, prepared);
    const progress = openProgressLine(out, systemClock);
    const zones = await finished(mesh, zone, prepared, progress);
    progress.end();
    return { plan, prepared, zones };
  });
  const { present, next } = done.prepared;
  const number = next?.number ?? present.number;
  await askReplacement(paths, { command: 'retire-redis', zone, number });
  say(`${zone} votes at ${placeOf(next ?? present)} now. Its old data is still in ${present.dir}.`);
  if (options.json === true) {
    const { plan, zones } = done;
    printJson({ zone, plan, from: present, to: next, lastRebuild: zones.lastRebuild });
  }
}

async function askReplacement(
  paths: RegionPaths,
  request: Parameters<typeof askLauncher>[1],
): Promise<ReplacementView> {
  const { replacement } = await askLauncher(paths, request);
  return replacement ?? refuse('The launcher of this region does not know how to replace a Redis.');
}

function askToReplace(
  mesh: MeshClient,
  zone: string,
  { present, next }: ReplacementView,
  isPlanOnly: boolean,
): Promise<AdminReplies['replace-acceptor']> {
  const { host, port } = next ?? present;
  return askOperator<'replace-acceptor'>(mesh, {
    kind: 'replace-acceptor',
    ...{ zone, host, port, isPlanOnly },
  });
}

function planLines(zone: string, view: ReplacementView, plan: readonly string[]): string[] {
  const { present, next, isPrepared } = view;
  const steps = [
    `A new Redis starts at ${next === null ? '' : placeOf(next)} with its data in ${next?.dir ?? ''}.`,
    ...plan,
    `The old Redis at ${placeOf(present)} is stopped; ${present.dir} stays until you remove it.`,
  ];
  return [
    isPrepared
      ? `The replacement of the Redis of ${zone} was begun before, and goes on:`
      : `To replace the Redis of ${zone}:`,
    ...steps.map((step, index) => `  ${index + 1}. ${step}`),
    'Requests are served all the time. Until the last step but one, no other zone may fail.',
  ];
}

function placeOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}

async function isConfirmed(output: NodeJS.WriteStream): Promise<boolean> {
  if (!process.stdin.isTTY) {
    return refuse('There is no terminal to ask at: run it again with --yes. Nothing was changed.');
  }
  const terminal = createInterface({ input: process.stdin, output });
  try {
    return /^y(es)?$/i.test((await terminal.question('Go on? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

/** Opens the replacement, or finds it open or done. */
async function begin(mesh: MeshClient, zone: string, view: ReplacementView): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { isStarted, refusal } = await askToReplace(mesh, zone, view, false);
    if (isStarted) return;
    if (attempt === startAttemptsMax) {
      refuse(
        `It was not begun: ${refusal}. The new Redis runs and is empty; run the same command again.`,
      );
    }
    await pause();
  }
}

/** Resolves when the zone votes at the new place. Waits as long as it takes: the region does the work, not this program. */
async function finished(
  mesh: MeshClient,
  zone: string,
  view: ReplacementView,
  progress: ProgressLine,
): Promise<Zones> {
  for (;;) {
    try {
      const { isStarted } = await askToReplace(mesh, zone, view, true);
      const zones = await askOperator<'zones'>(mesh, { kind: 'zones' });
      if (isStarted && isDone(zone, zones)) return zones;
      const { rebuild } = zones;
      if (rebuild !== null) progress.show(`rebuild of ${rebuild.zone}: ${progressText(rebuild)}`);
    } catch (error) {
      if (!isKmsError(error)) throw error;
      progress.show(`the region cannot be asked just now: ${error.message}`);
    }
    await pause();
  }
}

/** The last rebuild is known, so the register was read: a rebuild that is not shown is not open. */
function isDone(zone: string, { rebuild, lastRebuild, zones }: Zones): boolean {
  const standing = zones.find((entry) => entry.zone === zone)?.standing;
  return rebuild === null && lastRebuild !== null && standing === 'voter';
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}
