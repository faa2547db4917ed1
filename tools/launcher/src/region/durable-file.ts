// Small files that must be whole or absent after a crash, and readable only by their owner when they hold secrets.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Readable and writable by the owner only. */
const privateMode = 0o600;
const publicMode = 0o644;

/** Writes `text` to `path` in one step that survives power loss: another file, fsync, rename, fsync of the folder. */
export function writeDurably(
  path: string,
  text: string,
  access: 'private' | 'public' = 'private',
): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.draft`;
  const file = openSync(draft, 'w', access === 'private' ? privateMode : publicMode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The text of a file; undefined when there is none. */
export function readIfPresent(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
