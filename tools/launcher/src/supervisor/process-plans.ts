// Which command runs each process of the region. The only place that knows Node options and how Redis is started.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RegionPaths } from '../region/region-paths.ts';
import { runningRedis, type NumberedRedis, type RegionRecord } from '../region/region-record.ts';
import { nodeServices, zonePorts, type NodeService } from '../region/zones.ts';
import { removeStaleRewrites } from '@zonehold/caspaxos-redis';
import { mendRedisLog } from './mend-redis.ts';
import { compileCacheDir } from './compile-cache.ts';
import type { ProcessPlan } from './supervised-process.ts';

const setpriv = '/usr/bin/setpriv';

/**
 * Each child dies with its launcher, also with one that was killed by -9 (Linux: PR_SET_PDEATHSIG, set by util-linux's setpriv, which then
 * becomes the program, same pid). Elsewhere the next start finds the leftovers by processes.json.
 */
const leash: readonly string[] =
  process.platform === 'linux' && existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--'] : [];

/**
 * Heap limits in MiB (young half, old). A young half of 8 keeps the wrap path as fast as Node's default of 16 and more; a monitor makes little
 * garbage. The old limit is a ceiling for leaks: all caches together stay far below it.
 */
const heapLimits: Readonly<Record<NodeService, { young: number; old: number }>> = {
  gateway: { young: 8, old: 384 },
  'key-manager': { young: 8, old: 384 },
  'crypto-worker': { young: 8, old: 384 },
  'health-monitor': { young: 1, old: 128 },
};

/** The plans of all processes: zone by zone, Redis first. */
export function processPlans(options: {
  readonly root: string;
  readonly record: RegionRecord;
  readonly paths: RegionPaths;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): ProcessPlan[] {
  const { root, record, paths, environment } = options;
  const cacheDir = compileCacheDir(root);
  return record.zones.flatMap(({ zone }, index) => {
    const ports = zonePorts(record.basePort, index);
    const files = paths.zone(zone);
    const redis = runningRedis(record, index).map((one) =>
      redisPlan({ zone, redis: one, paths, environment }),
    );
    const services = nodeServices.map((service): ProcessPlan => {
      const program = join(root, 'apps', service, 'src/main.ts');
      const settings = files.settings(service);
      return {
        zone,
        service,
        ports: portNames(service, ports[service], record),
        // The settings' path is an argument too: it tells people and the next start whose process this is.
        ...leashed([process.execPath, ...nodeOptions(service), program, settings]),
        cwd: join(root, 'apps', service),
        env: {
          ...environment,
          ZONEHOLD_SETTINGS: settings,
          NODE_COMPILE_CACHE: cacheDir,
        },
        logPath: files.log(service),
      };
    });
    return [...redis, ...services];
  });
}

/** The plan of one of a zone's Redis. */
export function redisPlan(options: {
  readonly zone: string;
  readonly redis: NumberedRedis;
  readonly paths: RegionPaths;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): ProcessPlan {
  const { zone, redis, paths, environment } = options;
  const files = paths.zone(zone);
  const { dir, conf } = files.redis(redis.number);
  return {
    zone,
    service: 'redis',
    ports: { redis: redis.port },
    ...leashed(['redis-server', conf]),
    cwd: dir,
    // Redis 7.0 compares strings in Lua by the locale; ballots need the C one (docker/redis.conf).
    env: { ...environment, LC_ALL: 'C' },
    logPath: files.log('redis'),
    mend: () => mendRedisLog(dir),
    beforeStart: () => void removeStaleRewrites(dir),
  };
}

function nodeOptions(service: NodeService): string[] {
  const { young, old } = heapLimits[service];
  const heap = [`--max-semi-space-size=${young}`, `--max-old-space-size=${old}`];
  // The console takes the types off its page with Node's own function, which says on stderr that it is new. Logs are JSON lines.
  return service === 'health-monitor' ? [...heap, '--disable-warning=ExperimentalWarning'] : heap;
}

function leashed(words: readonly string[]): { command: string; args: readonly string[] } {
  const [command = '', ...args] = [...leash, ...words];
  return { command, args };
}

function portNames(
  service: NodeService,
  { port, opsPort }: { port: number; opsPort: number },
  { regionalPort, privatePort }: Pick<RegionRecord, 'regionalPort' | 'privatePort'>,
): Record<string, number> {
  if (service !== 'gateway') return { frames: port, ops: opsPort };
  const shared = privatePort === undefined ? {} : { private: privatePort };
  return { regional: regionalPort, ...shared, zone: port, ops: opsPort };
}
