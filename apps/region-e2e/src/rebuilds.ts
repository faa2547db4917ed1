// What a test does to a zone's memory, and how it sees that the region has mended itself. Only files, CLI and signals.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { redisDirOf } from './offline-redis.ts';
import type { TestRegion } from './region.ts';

/** What the tests read of `zonehold status --json`. */
export interface StatusJson {
  readonly isWhole: boolean;
  readonly epoch: number | null;
  readonly rebuild: { readonly zone: string; readonly done: number; readonly total: number } | null;
  readonly lastRebuild: {
    readonly zone: string;
    readonly cause: string;
    readonly records: number;
    readonly openedAt: string;
    readonly finishedAt: string;
  } | null;
  readonly zones: readonly {
    readonly zone: string;
    readonly state: string;
    readonly reasons: readonly string[];
    readonly acceptor: { readonly standing: string; readonly reason: string };
  }[];
}

export async function statusOf(region: TestRegion): Promise<StatusJson> {
  return JSON.parse(await region.zonehold('status', '--json')) as StatusJson;
}

/** What Redis keeps in its folder beside its settings. */
const dataFolder = 'appendonlydir';

/** The disk of a Redis that does not run is empty from now on. */
export function wipeData(redisDir: string): void {
  for (const name of readdirSync(redisDir)) {
    if (name === dataFolder || name.endsWith('.rdb')) {
      rmSync(join(redisDir, name), { recursive: true });
    }
  }
}

/** Data of a zone's Redis as it once was. Put it back only while that Redis does not run. */
export interface DataCopy {
  putBack(): void;
  remove(): void;
}

/** A copy of the data of a zone's Redis, which is stopped by a signal meanwhile: between two writes. */
export function copyData(region: TestRegion, zone: string): DataCopy {
  const redisDir = redisDirOf(region.regionDir, zone);
  const copy = mkdtempSync(join(tmpdir(), 'zonehold-copy-'));
  region.files.signal(zone, 'redis', 'SIGSTOP');
  try {
    cpSync(join(redisDir, dataFolder), join(copy, dataFolder), { recursive: true });
  } finally {
    region.files.signal(zone, 'redis', 'SIGCONT');
  }
  return {
    putBack: () => {
      wipeData(redisDir);
      cpSync(join(copy, dataFolder), join(redisDir, dataFolder), { recursive: true });
    },
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}

/** Runs `work` while the zone's Redis is down, and starts it again. */
export async function whileRedisIsDown(
  region: TestRegion,
  zone: string,
  work: (redisDir: string) => Promise<void> | void,
): Promise<void> {
  await region.zonehold('zone', 'kill', zone, '--service', 'redis');
  await work(redisDirOf(region.regionDir, zone));
  await region.zonehold('zone', 'start', zone, '--service', 'redis');
}

/** Statuses seen until the zone's rebuild had ended and every acceptor voted again. */
export async function rebuilt(
  region: TestRegion,
  zone: string,
  epochBefore: number,
  withinMs: number,
): Promise<StatusJson[]> {
  const seen: StatusJson[] = [];
  await eventually(`${zone} is rebuilt`, withinMs, async () => {
    const status = await statusOf(region);
    seen.push(status);
    return (
      status.rebuild === null &&
      status.lastRebuild?.zone === zone &&
      (status.epoch ?? 0) > epochBefore &&
      status.zones.every(({ acceptor }) => acceptor.standing === 'voter')
    );
  });
  return seen;
}
