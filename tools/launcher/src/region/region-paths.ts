// Where the files of a region lie (docs/architecture.md §5). Pure: names only, nothing is read.
import { join } from 'node:path';

/** Absolute paths of one region's files. */
export interface RegionPaths {
  readonly regionDir: string;
  readonly record: string;
  readonly topology: string;
  readonly clientEnv: string;
  readonly processes: string;
  readonly supervisorSocket: string;
  readonly supervisorLog: string;
  readonly supervisorPid: string;
  readonly provisionerPassword: string;
  /** Signs an operator in to the consoles (docs/console.md). */
  readonly consoleToken: string;
  /** Of a development region only: what it may be told while it runs, and what it was planted with. */
  readonly devControls: string;
  readonly devSeed: string;
  /** While the region runs with faults only: the rules, one file each. */
  readonly faults: string;
  readonly caCert: string;
  readonly caKey: string;
  readonly operatorCert: string;
  readonly operatorKey: string;
  zone(zone: string): ZonePaths;
}

/** Absolute paths of one zone's files. */
export interface ZonePaths {
  readonly zoneDir: string;
  readonly sealedRoot: string;
  readonly logsDir: string;
  /** The files of the zone's Redis of that number: 1 is its first. */
  redis(number: number): RedisPaths;
  settings(service: string): string;
  cert(service: string): string;
  key(service: string): string;
  redisPassword(service: string): string;
  log(service: string): string;
}

/** Absolute paths of one Redis. */
export interface RedisPaths {
  readonly dir: string;
  readonly conf: string;
  readonly usersAcl: string;
}

/** `dataDir` must be absolute: `<dataDir>/<region>/…`. */
export function regionPaths(dataDir: string, region: string): RegionPaths {
  const regionDir = join(dataDir, region);
  const pki = join(regionDir, 'pki');
  return {
    regionDir,
    record: join(regionDir, 'region.json'),
    topology: join(regionDir, 'topology.json'),
    clientEnv: join(regionDir, 'client.env'),
    processes: join(regionDir, 'processes.json'),
    supervisorSocket: join(regionDir, 'supervisor.sock'),
    supervisorLog: join(regionDir, 'supervisor.log'),
    supervisorPid: join(regionDir, 'supervisor.pid'),
    provisionerPassword: join(regionDir, 'provisioner.redis-password'),
    consoleToken: join(regionDir, 'console-token'),
    devControls: join(regionDir, 'dev-controls.json'),
    devSeed: join(regionDir, 'dev-seed.yaml'),
    faults: join(regionDir, 'faults'),
    caCert: join(pki, 'ca.crt'),
    caKey: join(pki, 'ca.key'),
    operatorCert: join(pki, 'operator.crt'),
    operatorKey: join(pki, 'operator.key'),
    zone: (zone) => zonePaths(join(regionDir, 'zones', zone)),
  };
}

function zonePaths(zoneDir: string): ZonePaths {
  const logsDir = join(zoneDir, 'logs');
  return {
    zoneDir,
    sealedRoot: join(zoneDir, 'root.sealed'),
    logsDir,
    redis: (number) => {
      const dir = join(zoneDir, number === 1 ? 'redis' : `redis-${number}`);
      return { dir, conf: join(dir, 'redis.conf'), usersAcl: join(dir, 'users.acl') };
    },
    settings: (service) => join(zoneDir, `${service}.json`),
    cert: (service) => join(zoneDir, `${service}.crt`),
    key: (service) => join(zoneDir, `${service}.key`),
    redisPassword: (service) => join(zoneDir, `${service}.redis-password`),
    log: (service) => join(logsDir, `${service}.log`),
  };
}

/**
 * The key file that opens the region's sealed roots: `$XDG_CONFIG_HOME/zonehold/<clusterId>.key`. Outside the data directory on purpose,
 * so that a copied data directory opens nothing.
 */
export function keyFilePath(
  clusterId: string,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const configured = environment['XDG_CONFIG_HOME'];
  // The XDG base directory specification: a relative or empty path is to be ignored.
  const configHome = configured?.startsWith('/') === true ? configured : join(home, '.config');
  return join(configHome, 'zonehold', `${clusterId}.key`);
}
