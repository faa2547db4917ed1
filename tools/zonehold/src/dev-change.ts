// Changes what a development region is told, and waits until every service that runs says that it knows.
import type { DevChange } from '@zonehold/launcher';
import { assert, Deadline, systemClock } from '@zonehold/primitives';
import type { DevControls, DevView } from '@zonehold/service-host';
import { askOps } from './ask-ops.ts';
import { askLauncher, findRegion, readTopology, type RegionOptions } from './running-region.ts';

/** Services look five times a second. */
const knownWithinMs = 5_000;
const askEveryMs = 50;

/** A service that a change concerns. */
export interface Follower {
  readonly zone: string;
  readonly service: 'key-manager' | 'gateway';
  /** `away`: it does not run now, and takes the change when it does. */
  readonly state: 'knows' | 'late' | 'away';
}

export interface Changed {
  readonly dev: DevControls;
  readonly followers: readonly Follower[];
}

/** Makes the change, and waits for every `service` that runs. A refusal is thrown with its sentence. */
export async function changeDev(
  options: RegionOptions,
  change: DevChange,
  service: Follower['service'],
): Promise<Changed> {
  const paths = findRegion(options);
  const { dev, processes } = await askLauncher(paths, { command: 'dev', change });
  assert(dev !== undefined, 'a launcher that takes the change shows the controls');
  const deadline = Deadline.after(systemClock, knownWithinMs);
  const followers = await Promise.all(
    readTopology(paths).zones.map(async (entry): Promise<Follower> => {
      const { zone } = entry;
      const isRunning = processes.some(
        (process) =>
          process.zone === zone && process.service === service && process.state === 'running',
      );
      if (!isRunning) return { zone, service, state: 'away' };
      const knows = await untilKnown(
        () => askOps(entry[service], '/dev') as Promise<DevView | undefined>,
        dev.revision,
        deadline,
      );
      return { zone, service, state: knows ? 'knows' : 'late' };
    }),
  );
  return { dev, followers };
}

async function untilKnown(
  ask: () => Promise<DevView | undefined>,
  revision: number,
  deadline: Deadline,
): Promise<boolean> {
  for (;;) {
    const view = await ask();
    if ((view?.revision ?? 0) >= revision) return true;
    if (deadline.hasPassed()) return false;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

/** Sentences about those that do not know yet. */
export function followerRemarks(followers: readonly Follower[]): string[] {
  return followers.flatMap(({ zone, service, state }) => {
    if (state === 'knows') return [];
    return state === 'away'
      ? [`The ${service} of ${zone} does not run: it takes this when it does.`]
      : [`The ${service} of ${zone} has not said that it knows.`];
  });
}

/** A change that somebody who runs does not know is no success. */
export function setExitCode(followers: readonly Follower[]): void {
  if (followers.some(({ state }) => state === 'late')) process.exitCode = 1;
}
