// The token with which an operator signs in to the consoles of a region: random, in a file that only its owner may read. Made once;
// who removes the file gets another one with the next start, and the old one is worth nothing any more.
import { existsSync } from 'node:fs';
import type { Random } from '@zonehold/primitives';
import { writeDurably } from './durable-file.ts';
import type { RegionPaths } from './region-paths.ts';

/** 256 bits: nobody guesses, however often they may try. */
const tokenBytes = 32;

/** Makes the file if there is none. */
export function ensureConsoleToken(
  { consoleToken }: Pick<RegionPaths, 'consoleToken'>,
  random: Random,
): void {
  if (existsSync(consoleToken)) return;
  writeDurably(consoleToken, `${Buffer.from(random.bytes(tokenBytes)).toString('base64url')}\n`);
}
