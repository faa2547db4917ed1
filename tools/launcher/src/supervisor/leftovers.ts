// Processes that a killed launcher left behind. Recognised by pid and by the region's own path in their command line, so that a
// pid that was given to another program since is never touched.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readIfPresent } from '../region/durable-file.ts';
import type { RegionPaths } from '../region/region-paths.ts';

const listSchema = z.array(z.object({ pid: z.int().positive().nullable() }));
/** A killed process needs a moment to give back its ports. */
const goneWithinMs = 5_000;
const pollMs = 20;

/** Pids of processes.json that still run programs of this region. */
export function findLeftovers(paths: RegionPaths): number[] {
  const text = readIfPresent(paths.processes);
  if (text === undefined) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  const parsed = listSchema.safeParse(list);
  if (!parsed.success) return [];
  return parsed.data
    .flatMap(({ pid }) => (pid === null ? [] : [pid]))
    .filter((pid) => commandLineOf(pid).includes(paths.regionDir));
}

/** Kills leftovers (they survive kill -9 by design of the whole) and waits until they are gone. Returns how many there were. */
export async function stopLeftovers(paths: RegionPaths): Promise<number> {
  const pids = findLeftovers(paths);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  let left = pids;
  for (let waitedMs = 0; left.length > 0 && waitedMs < goneWithinMs; waitedMs += pollMs) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    left = left.filter((pid) => commandLineOf(pid).includes(paths.regionDir));
  }
  return pids.length;
}

/** Words of a process's command, or nothing when it is gone or cannot be seen. A zombie has no command line. */
function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
