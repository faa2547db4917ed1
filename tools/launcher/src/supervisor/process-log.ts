// The log file of one process: appended to, and set aside when it has grown, so that a region cannot fill a disk by talking.
import { existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Set aside at the next start of the process; one older file is kept. Days of info lines. */
const logMaxBytes = 32 * 1024 * 1024;

/** Opens the log for appending and returns its descriptor; the caller closes it. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path) && statSync(path).size > logMaxBytes) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
}

/** How much of a log's end is looked at for its last words. */
const tailMaxBytes = 4_096;

/** The last line of a log that is a sentence, not a JSON record; undefined when there is none. */
export function lastLine(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const tail = readFileSync(path).subarray(-tailMaxBytes).toString('utf8');
  return tail
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !line.startsWith('{'));
}
