// Mends an AOF whose last write was cut short by kill -9. For the supervisor that starts Redis, never for a running one.
// Redis cannot tell such a tail, which nobody was answered for, from a lost acknowledged one, so it refuses to start
// (aof-load-truncated no). Cutting it is explicit here, bounded, and the gate then compares sequences as ever.
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { KmsError } from '@zonehold/primitives';
import { isCutShort } from './cut-short.ts';

/** One event-loop turn's writes: under `appendfsync always` nothing beyond that can be unanswered. Calls in flight are few MiB. */
const tornBytesMax = 16 * 1024 * 1024;
const checkTimeoutMs = 60_000;

/** How many bytes were cut; 0 when the log was whole. */
export interface TornTail {
  readonly cutBytes: number;
}

/** Runs redis-check-aof with `args`, and `answer` as its input. `isValid`: it ended with 0; `output` is what it printed. */
export type AofCheck = (
  args: readonly string[],
  answer: string,
) => Promise<{ readonly isValid: boolean; readonly output: string }>;

/**
 * Checks the AOF in `dataDir` with redis-check-aof and cuts an incomplete last command or transaction. `check` runs that program
 * elsewhere, when it is not this machine's Redis. Fails with INTEGRITY when the log is damaged in another way (not only short), or
 * more than one turn's writes would go; nothing is changed then.
 */
export async function mendTornTail(
  dataDir: string,
  check: AofCheck = checkHere,
): Promise<TornTail> {
  const folder = join(dataDir, 'appendonlydir');
  const manifest = join(folder, 'appendonly.aof.manifest');
  const found = await check([manifest], '');
  if (found.isValid) return { cutBytes: 0 };
  const [, file = '', wholeBytes = '', notWhole = ''] = analysis.exec(found.output) ?? [];
  const cutBytes = Number(notWhole);
  const isShort =
    cutBytes > 0 &&
    cutBytes <= tornBytesMax &&
    isCutShort(await tailOf(join(folder, file), Number(wholeBytes), cutBytes));
  if (!isShort) {
    throw new KmsError(
      'INTEGRITY',
      `the log in ${dataDir} is damaged, not only cut short: rebuild the acceptor`,
    );
  }
  const mended = await check(['--fix', manifest], 'y\n');
  if (!mended.isValid) throw new KmsError('INTEGRITY', `the log in ${dataDir} could not be mended`);
  return { cutBytes };
}

/** What redis-check-aof says of the file that is not whole. */
const analysis =
  /AOF analyzed: filename=([\w.-]+), size=\d+, ok_up_to=(\d+), ok_up_to_line=\d+, diff=([1-9]\d*)/;

async function tailOf(path: string, start: number, lengthBytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lengthBytes), 0, lengthBytes, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function checkHere(
  args: readonly string[],
  answer: string,
): Promise<{ readonly isValid: boolean; readonly output: string }> {
  return new Promise((resolve) => {
    const child = execFile('redis-check-aof', args, { timeout: checkTimeoutMs }, (error, stdout) =>
      resolve({ isValid: error === null, output: stdout }),
    );
    // It may have ended without reading an answer; its exit code says all.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(answer);
  });
}
