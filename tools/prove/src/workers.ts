// Runs a program of this folder in processes of their own, so that both cores work, and collects the one JSON line each prints.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const heapMaxMiB = 6_144;

/** Each `args` is one process. Rejects when one ends badly or prints anything but one JSON line at its end. */
export function runWorkers<Result>(
  program: string,
  argsOfEach: readonly (readonly string[])[],
): Promise<readonly Result[]> {
  return Promise.all(argsOfEach.map((args) => runWorker<Result>(program, args)));
}

function runWorker<Result>(program: string, args: readonly string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const path = join(import.meta.dirname, program);
    const child = spawn(process.execPath, [`--max-old-space-size=${heapMaxMiB}`, path, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      const line = output.trimEnd().split('\n').at(-1) ?? '';
      if (code === 0) resolve(JSON.parse(line) as Result);
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${output}`));
    });
  });
}
