// The life of one service process: settings, log, metrics, ops server, the service itself, drain, exit. Every app's main.ts
// is one call of this. It knows nothing of what the service does.
import type express from 'express';
import type { z } from 'zod';
import type { Discovery, ServiceIdentity, TlsIdentity } from '@zonehold/mesh';
import { systemClock, systemRandom, type Clock, type Random } from '@zonehold/primitives';
import { createLog, createMetrics, type Log, type Metrics } from '@zonehold/telemetry';
import { DevMode } from './dev-mode.ts';
import { FaultInjector } from './fault-injector.ts';
import { startOpsServer, type OpsServer } from './ops-server.ts';
import {
  exitWithProblems,
  loadSettings,
  parseJson,
  readOrExplain,
  type CommonSettings,
  type Parsed,
} from './settings.ts';
import { TopologyFile } from './topology-file.ts';
import { listenerOf, topologySchema, type Topology } from './topology.ts';

/** The launcher waits a little longer before it kills. Requests have 5 s at most (edge-limits.ts). */
export const drainTimeoutMs = 5_000;

/** What a service is given to start with. */
export interface ServiceContext<Settings extends CommonSettings> {
  readonly settings: Settings;
  /** As it was at the start. */
  readonly topology: Topology;
  /** The endpoints in it, followed while the service runs. */
  readonly discovery?: Discovery;
  readonly tls: TlsIdentity;
  readonly self: ServiceIdentity;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  /** Only in a development region. */
  readonly dev?: DevMode;
  /** Only in a region that was started with faults. */
  readonly faults?: Pick<FaultInjector, 'port' | 'active' | 'summaries'>;
}

/** What a started service shows to its host. */
export interface RunningService {
  /** Sentences why this instance should not get traffic now; empty when ready. Asked often: cheap. */
  reasons(): readonly string[];
  /** Stop taking work, finish what is under way, close. Called once. */
  drain(): Promise<void>;
  /** Further routes of the ops server. */
  routes?(app: express.Express): void;
}

export interface RunServiceOptions<Settings extends CommonSettings> {
  readonly settings: z.ZodType<Settings>;
  start(context: ServiceContext<Settings>): Promise<RunningService>;
}

/**
 * Runs the process: exits with 78 when settings are not sound, 1 on any unhandled error (also in `start`), 0 after SIGTERM
 * or SIGINT and a drain of at most 5 s. The ops server listens before `start`, so that a slow start can be watched.
 */
export async function runService<Settings extends CommonSettings>(
  options: RunServiceOptions<Settings>,
): Promise<void> {
  const settings = loadSettings(options.settings);
  const { topology, tls } = orExit(loadFiles(settings));
  const listener = listenerOf(topology, settings.zone, settings.service);
  if (listener === undefined) {
    return exitWithProblems([
      `The topology ${settings.topologyPath} has no zone ${settings.zone}.`,
    ]);
  }
  const { service, zone, region, clusterId, logLevel } = settings;
  const log = createLog({ service, zone, region, level: logLevel });
  exitOnUnhandled(log);
  log.debug('settings.effective', { settings });
  const metrics = createMetrics({ service, zone, region });
  const life = new Life(log);
  life.ops = await startOpsServer({
    host: listener.host,
    port: listener.opsPort,
    metrics,
    clock: systemClock,
    reasons: () => life.reasons(),
  });
  const dev = startDevMode(settings, log);
  if (dev !== undefined) {
    life.ops.app.get('/dev', (_request, response) => void response.json(dev.view()));
  }
  const self = { clusterId, region, zone, service };
  const faults = await startFaults(settings, { self, log, metrics });
  if (faults !== undefined) {
    life.ops.app.get('/faults', (_request, response) => void response.json(faults.view()));
  }
  const discovery = new TopologyFile({ path: settings.topologyPath, first: topology, log });
  discovery.start();
  process.once('SIGTERM', () => void life.end('SIGTERM'));
  process.once('SIGINT', () => void life.end('SIGINT'));
  const running = await options.start({
    settings,
    topology,
    discovery,
    tls,
    self,
    log,
    metrics,
    clock: systemClock,
    random: systemRandom,
    ...(dev === undefined ? {} : { dev }),
    ...(faults === undefined ? {} : { faults }),
  });
  life.running = running;
  running.routes?.(life.ops.app);
  log.info('service.started', { pid: process.pid });
}

/** Follows the controls where the settings say that this is a development region; nothing elsewhere. */
function startDevMode({ dev }: CommonSettings, log: Log): DevMode | undefined {
  if (dev === undefined) return undefined;
  const mode = new DevMode({ controlsPath: dev.controlsPath, clock: systemClock, log });
  log.warn('dev.mode', { sentence: 'This is a development region: anybody may know its keys.' });
  mode.start();
  return mode;
}

/** Follows the rules where the settings say so; nothing elsewhere. It knows them before the service does anything. */
async function startFaults(
  { faults }: CommonSettings,
  parts: Pick<ServiceContext<CommonSettings>, 'self' | 'log' | 'metrics'>,
): Promise<FaultInjector | undefined> {
  if (faults === undefined) return undefined;
  const { dir } = faults;
  const injector = new FaultInjector({ dir, ...parts, clock: systemClock, random: systemRandom });
  parts.log.warn('faults.enabled', { dir });
  await injector.look();
  injector.start();
  return injector;
}

/** From the first signal to the exit. */
class Life {
  ops: OpsServer | undefined;
  running: RunningService | undefined;
  #isEnding = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  reasons(): readonly string[] {
    if (this.#isEnding) return ['The service is draining.'];
    return this.running?.reasons() ?? ['The service is starting.'];
  }

  async end(signal: string): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#log.info('service.draining', { signal });
    const limit = new Promise<'late'>((resolve) =>
      setTimeout(() => resolve('late'), drainTimeoutMs),
    );
    const drained = this.running?.drain().then(() => 'drained' as const);
    const result = await Promise.race([drained ?? 'drained', limit]);
    await this.ops?.close();
    this.#log.info('service.stopped', { result });
    process.exit(0);
  }
}

function exitOnUnhandled(log: Log): void {
  const fatal = (error: unknown): void => {
    log.error('service.failed', { error });
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
}

interface LoadedFiles {
  readonly topology: Topology;
  readonly tls: TlsIdentity;
}

/** Topology and PEM files, with every problem of all of them. */
export function loadFiles(settings: CommonSettings): Parsed<LoadedFiles> {
  const { topologyPath, tls } = settings;
  const topologyText = readOrExplain(topologyPath, 'topology');
  const topology = topologyText.ok
    ? parseJson(topologySchema, topologyText.value, `The topology ${topologyPath}`)
    : topologyText;
  const ca = readOrExplain(tls.caPath, 'certificate of the authority');
  const cert = readOrExplain(tls.certPath, 'certificate');
  const key = readOrExplain(tls.keyPath, 'private key');
  if (topology.ok && ca.ok && cert.ok && key.ok) {
    const strangers = strangersOf(settings, topology.value);
    if (strangers.length > 0) return { ok: false, problems: strangers };
    return {
      ok: true,
      value: { topology: topology.value, tls: { ca: ca.value, cert: cert.value, key: key.value } },
    };
  }
  return {
    ok: false,
    problems: [topology, ca, cert, key].flatMap((part) => (part.ok ? [] : part.problems)),
  };
}

function strangersOf(settings: CommonSettings, topology: Topology): string[] {
  return (['region', 'clusterId'] as const)
    .filter((member) => settings[member] !== topology[member])
    .map(
      (member) =>
        `The settings say ${member} ${settings[member]}, the topology says ${topology[member]}.`,
    );
}

function orExit<Value>(parsed: Parsed<Value>): Value {
  return parsed.ok ? parsed.value : exitWithProblems(parsed.problems);
}
