// `npm start` after set-up: reads the command line, starts the region, stops it on a signal.
import { join } from 'node:path';
import { runInBackground } from './background.ts';
import { Launch } from './launch.ts';
import { parseOptions } from './options.ts';
import { backgroundProgress, terminalProgress } from './progress.ts';
import { LauncherRefusal } from './refusal.ts';
import { regionPaths } from './region/region-paths.ts';

const options = parseOptions(process.argv, process.cwd());

if (options.isDetached && !options.isBackground) {
  const paths = regionPaths(options.dataDir, options.region);
  process.exitCode = await runInBackground(import.meta.filename, process.argv.slice(2), paths);
} else {
  await runHere();
}

async function runHere(): Promise<void> {
  const progress = options.isBackground ? backgroundProgress() : terminalProgress;
  const launch = new Launch(options, join(import.meta.dirname, '../../..'), progress);
  const stop = (): void => {
    progress.say('stopping');
    void launch.stop().then(() => process.exit(0));
  };
  // npm, a shell and the terminal may each pass the same Ctrl-C on: the first counts, the others change nothing.
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  try {
    await launch.start();
  } catch (error) {
    // A signal stopped the region while it was starting: that is not a failure.
    if (launch.isStopping) return;
    await launch.stop();
    progress.fail(error instanceof LauncherRefusal ? error.message : describe(error));
    process.exit(1);
  }
}

/** A failure nobody foresaw: its stack helps whoever reports it. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
