// The worst that can happen to the processes of a region on one host.
import { existsSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TestRegion } from './region.ts';

/** kill -9 of the launcher and of every process of every zone, and the certainty that none is left. */
export async function killEverything(region: TestRegion): Promise<void> {
  const processes = region.files.processes();
  const pids = processes.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  if (pids.length < 15) throw new Error(`only ${pids.length} of 15 processes run`);
  for (const pid of [region.files.supervisorPid() ?? 0, ...pids]) process.kill(pid, 'SIGKILL');
  await eventually('every process is gone', 10_000, async () =>
    pids.every((pid) => !existsSync(`/proc/${pid}`)),
  );
}
