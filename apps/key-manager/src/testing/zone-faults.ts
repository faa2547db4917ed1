// For tests only: what is done to zones of a RedisRegion while clients work. Each fault strikes one zone at a time, mends it,
// and waits until the region is whole before the next: more is not claimed to be survived.
import { appendFileSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisRegion } from './redis-region.ts';

/** Time is the run's: `pause` ends early when the run does. */
export interface Strike {
  readonly region: RedisRegion;
  readonly zone: number;
  readonly pause: (forMs: number) => Promise<void>;
  /** Resolves when clients have done this many more operations. */
  readonly moreOperations: (count: number) => Promise<void>;
}

export interface ZoneFault {
  readonly name: string;
  readonly strike: (strike: Strike) => Promise<void>;
  /** The zone comes back without its memory or past: it must be rebuilt. */
  readonly isRebuilt?: true;
}

const downMs = 400;
/** What a copy of the disk lacks when it is put back. */
const lostOperations = 150;

function logOf(dataDir: string): string {
  const folder = join(dataDir, 'appendonlydir');
  const name = readdirSync(folder).find((file) => file.endsWith('.incr.aof'));
  if (name === undefined) throw new Error(`there is no log in ${folder}`);
  return join(folder, name);
}

export const zoneFaults: readonly ZoneFault[] = [
  {
    name: 'kill -9 and a restart',
    strike: async ({ region, zone, pause }) => {
      await region.zones.server(zone).kill();
      await pause(downMs);
      await region.zones.server(zone).startMended();
    },
  },
  {
    name: 'a freeze',
    strike: async ({ region, zone, pause }) => {
      await region.zones.server(zone).pause();
      await pause(2 * downMs);
      await region.zones.server(zone).resume();
    },
  },
  {
    name: 'a network that is cut',
    strike: async ({ region, zone, pause }) => {
      await region.zones.container(zone).disconnect();
      await pause(2 * downMs);
      await region.zones.container(zone).reconnect();
    },
  },
  {
    name: 'replies that are late, then requests',
    strike: async ({ region, zone, pause }) => {
      const link = region.links[zone]!;
      link.replies = { kind: 'late', delayMs: 250 };
      await pause(2 * downMs);
      link.replies = { kind: 'whole' };
      link.requests = { kind: 'late', delayMs: 250 };
      await pause(2 * downMs);
      link.heal();
    },
  },
  {
    name: 'a link that is deaf in one direction',
    strike: async ({ region, zone, pause }) => {
      const link = region.links[zone]!;
      link.replies = { kind: 'deaf' };
      await pause(2 * downMs);
      link.heal();
    },
  },
  {
    name: 'a disk that is wiped',
    isRebuilt: true,
    strike: ({ region, zone }) => region.zones.server(zone).wipe(),
  },
  {
    name: 'an old copy of the disk',
    isRebuilt: true,
    strike: async ({ region, zone, moreOperations }) => {
      const server = region.zones.server(zone);
      const copy = server.snapshot();
      await moreOperations(lostOperations);
      await server.restore(copy);
    },
  },
  {
    name: 'a log that ends in the middle of an unanswered write',
    strike: async ({ region, zone }) => {
      const server = region.zones.server(zone);
      await server.kill();
      appendFileSync(logOf(server.dataDir), '*3\r\n$4\r\nHSET\r\n$5\r\nnever');
      await server.startMended();
    },
  },
  {
    name: 'a log that lost answered writes at its end',
    isRebuilt: true,
    strike: async ({ region, zone }) => {
      const server = region.zones.server(zone);
      await server.kill();
      const log = logOf(server.dataDir);
      truncateSync(log, Math.max(0, readFileSync(log).length - 20_000));
      await server.startMended();
    },
  },
  {
    name: 'a disk that is full',
    strike: async ({ region, zone, pause }) => {
      const server = region.zones.server(zone);
      server.fillDisk();
      await server.ended();
      await pause(downMs);
      server.freeDisk();
      await server.startMended();
    },
  },
];
