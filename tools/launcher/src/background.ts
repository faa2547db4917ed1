// `--detach`: starts this launcher again as a session of its own and waits until it says that the region is ready.
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { RegionPaths } from './region/region-paths.ts';
import { terminalProgress, type BackgroundMessage } from './progress.ts';
import { openLog } from './supervisor/process-log.ts';

/** Runs `program` with `args` in the background. Resolves with our exit code once it is ready, has failed or has ended. */
export function runInBackground(
  program: string,
  args: readonly string[],
  paths: RegionPaths,
): Promise<number> {
  const log = openLog(paths.supervisorLog);
  const child = spawn(process.execPath, [...process.execArgv, program, ...args, '--background'], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  // It is in a session of its own: Ctrl-C while we wait must reach it through us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill('SIGTERM'));
  }
  return new Promise((resolve) => {
    child.on('message', (message: BackgroundMessage) => {
      terminalProgress[message.kind](message.text);
      if (message.kind === 'say' || message.kind === 'warn') return;
      child.disconnect();
      child.unref();
      resolve(message.kind === 'finish' ? 0 : 1);
    });
    child.once('exit', (code, signal) => {
      if (signal !== null || code !== 0) {
        terminalProgress.fail(
          `The background launcher ended (${signal ?? `exit code ${code ?? 0}`}); see ${paths.supervisorLog}.`,
        );
      }
      resolve(code ?? 1);
    });
  });
}
