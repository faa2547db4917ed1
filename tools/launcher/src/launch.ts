// A start from the first check to the summary, and the orderly end. The order matters: what may refuse comes before what writes.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { MeshClient } from '@zonehold/mesh';
import { systemClock, systemRandom } from '@zonehold/primitives';
import { devBanner } from './dev/banner.ts';
import { DevControlsFile, type DevChange } from './dev/controls-file.ts';
import { DevSeeding } from './dev/dev-seeding.ts';
import { choosePorts, type LauncherOptions } from './options.ts';
import type { Progress } from './progress.ts';
import { refuse } from './refusal.ts';
import { ensureCertificates } from './region/certificates.ts';
import { ensureConsoleToken } from './region/console-token.ts';
import { writeDurably } from './region/durable-file.ts';
import { openOperatorMesh } from './region/mesh-identity.ts';
import { writeRedisFiles } from './region/redis-files.ts';
import { keyFilePath, regionPaths, type RegionPaths } from './region/region-paths.ts';
import {
  newRegionRecord,
  readRegionRecord,
  refuseOtherMode,
  writeRegionRecord,
  type RegionRecord,
} from './region/region-record.ts';
import { emptyFaults } from './region/faults-directory.ts';
import { ensureRoot } from './region/root-key.ts';
import { renderTopology, writeSettingsFiles } from './region/settings-files.ts';
import { renderSummary } from './summary.ts';
import { fillCompileCache } from './supervisor/compile-cache.ts';
import { serveControl, type ControlReply, type ControlRequest } from './supervisor/control.ts';
import { watchGateways } from './supervisor/gateway-health-check.ts';
import { stopLeftovers } from './supervisor/leftovers.ts';
import { refusePortsInUse } from './supervisor/ports-in-use.ts';
import { lastLine } from './supervisor/process-log.ts';
import { processPlans } from './supervisor/process-plans.ts';
import { RedisReplacement } from './supervisor/redis-replacement.ts';
import { whenReady } from './supervisor/readiness.ts';
import type { SupervisedProcess } from './supervisor/supervised-process.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { ensureDemoTenant } from './tenant/demo-tenant.ts';

type Phase = 'starting' | 'ready' | 'stopping';

/** One region under this launcher. */
export class Launch {
  readonly #options: LauncherOptions;
  readonly #progress: Progress;
  /** The checkout: where apps and docker/redis.conf are. */
  readonly #root: string;
  readonly #paths: RegionPaths;
  #phase: Phase = 'starting';
  #control: Server | undefined;
  /** Of a development region. */
  #devControls: DevControlsFile | undefined;
  #supervisor: Supervisor | undefined;
  #replacement: RedisReplacement | undefined;
  #unwatch: () => void = () => undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: LauncherOptions, root: string, progress: Progress) {
    this.#options = options;
    this.#root = root;
    this.#progress = progress;
    this.#paths = regionPaths(options.dataDir, options.region);
  }

  /** True from the first word of a stop. */
  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Starts the region, forms it if it is new, and prints the summary. Throws LauncherRefusal with the sentence to print. */
  async start(): Promise<void> {
    const startedMs = systemClock.monotonicMs();
    const seeding = this.#openSeeding();
    const { record, isNew, supervisor, keyFile } = await this.#prepare();
    await Promise.all([this.#writeFiles(record, keyFile), fillCompileCache(this.#root)]);
    const topology = renderTopology(record);
    if (record.state === 'formatting') {
      this.#progress.say('forming the region: three empty acceptors, one region root key');
      // Formatting needs Redis and crypto-workers only; key-managers that see a formed region need no second look.
      supervisor.start('redis', 'crypto-worker');
      // Loaded on a first start only: it needs the Redis client.
      const { formRegion } = await import('./region/formation.ts');
      await formRegion(this.#paths, record, topology);
    }
    this.#progress.say('starting three zones');
    supervisor.start('redis', 'crypto-worker', 'key-manager', 'gateway', 'health-monitor');
    const notReady = await whenReady(supervisor.processes, (process) => this.#endOf(process));
    const connect = (): MeshClient => openOperatorMesh(this.#paths, topology);
    await seeding?.plant(connect, this.#progress);
    const env = await ensureDemoTenant({
      paths: this.#paths,
      regionalPort: record.regionalPort,
      connect,
      ...(seeding === undefined ? {} : { seeded: seeding.variables }),
    });
    this.#watch(supervisor);
    this.#replacement = this.#openReplacement(record, supervisor, keyFile);
    this.#phase = 'ready';
    this.#progress.finish(
      renderSummary({
        region: record.region,
        zones: record.zones.map(({ zone }) => zone),
        env,
        clientEnvPath: this.#paths.clientEnv,
        cwd: process.cwd(),
        isNew,
        isBackground: this.#options.isBackground,
        startedInS: (systemClock.monotonicMs() - startedMs) / 1_000,
        notReady,
        cliOptions: this.#cliOptions(),
        isWithFaults: this.#options.isWithFaults,
        ...(seeding === undefined ? {} : { seeded: seeding.summaryLines }),
      }),
    );
  }

  /** The seed of a development region. A seed that cannot be read is refused before anything is written. */
  #openSeeding(): DevSeeding | undefined {
    const { isDev, seedPath } = this.#options;
    return isDev ? new DevSeeding({ paths: this.#paths, seedPath, root: this.#root }) : undefined;
  }

  /** Everything that may refuse, before anything of the region is written. */
  async #prepare(): Promise<{
    record: RegionRecord;
    isNew: boolean;
    supervisor: Supervisor;
    keyFile: string;
  }> {
    const { region, dataDir, isDev } = this.#options;
    if (existsSync(join(dataDir, 'region.json'))) {
      refuse(
        `${dataDir} is the folder of one region, not the folder that holds regions. Use --data-dir ${join(dataDir, '..')}. Nothing was changed.`,
      );
    }
    const known = readRegionRecord(this.#paths, region);
    if (known !== undefined) refuseOtherMode(known, this.#paths.regionDir, isDev);
    if (isDev) this.#progress.warn(devBanner);
    const { problem, ...ports } = choosePorts(this.#options, known);
    if (problem !== undefined) refuse(problem);
    const { requestsPerSecond = known?.requestsPerSecond } = this.#options;
    const record: RegionRecord = {
      ...(known ??
        newRegionRecord({ region, ...ports, random: systemRandom, clock: systemClock, isDev })),
      ...ports,
      ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    };
    mkdirSync(this.#paths.regionDir, { recursive: true, mode: 0o700 });
    this.#control = await serveControl(this.#paths.supervisorSocket, (request) =>
      this.#handle(request),
    );
    writeDurably(this.#paths.supervisorPid, `${process.pid}\n`, 'public');
    const leftovers = await stopLeftovers(this.#paths);
    if (leftovers > 0) {
      this.#progress.say(`stopped ${leftovers} processes that an earlier launcher left behind`);
    }
    const plans = processPlans({
      root: this.#root,
      record,
      paths: this.#paths,
      environment: process.env,
    });
    await refusePortsInUse(plans);
    const supervisor = new Supervisor(plans, this.#paths.processes, systemClock);
    this.#supervisor = supervisor;
    const keyFile = keyFilePath(record.clusterId, process.env, homedir());
    return { record, isNew: known === undefined, supervisor, keyFile };
  }

  /** Makes what is missing of the region's files. A formed region that lost its root or authority is refused here. */
  async #writeFiles(record: RegionRecord, keyFile: string): Promise<void> {
    const paths = this.#paths;
    for (const { zone } of record.zones) {
      mkdirSync(paths.zone(zone).zoneDir, { recursive: true, mode: 0o700 });
    }
    if (record.state === 'formatting') writeRegionRecord(paths, record);
    if (record.mode === 'dev') this.#devControls = new DevControlsFile(paths.devControls);
    await ensureRoot({
      record,
      paths,
      keyFilePath: keyFile,
      createRootProgram: join(this.#root, 'apps/crypto-worker/src/create-root.ts'),
    });
    await ensureCertificates({ paths, record, clock: systemClock, random: systemRandom });
    ensureConsoleToken(paths, systemRandom);
    writeRedisFiles({ record, paths, templatePath: this.#redisTemplate, random: systemRandom });
    const { logLevel, isWithFaults } = this.#options;
    emptyFaults(paths.faults, isWithFaults);
    writeSettingsFiles({ record, paths, keyFilePath: keyFile, logLevel, isWithFaults });
    // Ports may have changed.
    if (record.state === 'formed') writeRegionRecord(paths, record);
  }

  get #redisTemplate(): string {
    return join(this.#root, 'docker/redis.conf');
  }

  #openReplacement(
    record: RegionRecord,
    supervisor: Supervisor,
    keyFile: string,
  ): RedisReplacement {
    return new RedisReplacement({
      // Whoever gets here has formed it.
      record: { ...record, state: 'formed' },
      paths: this.#paths,
      supervisor,
      templatePath: this.#redisTemplate,
      keyFilePath: keyFile,
      logLevel: this.#options.logLevel,
      isWithFaults: this.#options.isWithFaults,
      environment: process.env,
    });
  }

  #watch(supervisor: Supervisor): void {
    this.#unwatch = watchGateways({
      gateways: supervisor.select(undefined, ['gateway']),
      ca: readFileSync(this.#paths.caCert, 'utf8'),
      clock: systemClock,
      onHung: (zone) => this.#progress.say(`the gateway of ${zone} is silent for 2 s: killed`),
    });
  }

  /** Why a process ended, in its own words if it left any. */
  #endOf({ plan, lastEnd }: SupervisedProcess): string {
    const words = lastLine(plan.logPath);
    return words ?? `${plan.service} of ${plan.zone} ended (${lastEnd ?? 'unknown'}).`;
  }

  #cliOptions(): string {
    const { region, dataDir } = this.#options;
    const isDefaultDir = dataDir === join(process.cwd(), '.zonehold');
    return `${isDefaultDir ? '' : ` --data-dir ${dataDir}`}${region === 'us-south' ? '' : ` --region ${region}`}`;
  }

  async #handle(request: ControlRequest): Promise<ControlReply> {
    switch (request.command) {
      case 'processes':
        return this.#view();
      case 'stop':
        await this.stop();
        // After our answer has left: the server is closed once its last connection is.
        this.#control?.once('close', () => process.exit(0));
        return this.#view();
      case 'zone':
        return this.#act(request);
      case 'dev':
        return this.#changeDev(request.change);
      case 'replace-redis':
      case 'retire-redis':
        return this.#replace(request);
    }
  }

  #view(): Extract<ControlReply, { ok: true }> {
    const processes = this.#supervisor?.views() ?? [];
    const shown = this.#devControls?.change({ action: 'show' }, systemClock.wallMs());
    return {
      ...{ ok: true, supervisorPid: process.pid, phase: this.#phase, processes },
      ...(shown === undefined || 'refusal' in shown ? {} : { dev: shown }),
    };
  }

  #changeDev(change: DevChange): ControlReply {
    if (this.#devControls === undefined) {
      const error = 'This is no development region: only one that was made with --dev has this.';
      return { ok: false, error };
    }
    const changed = this.#devControls.change(change, systemClock.wallMs());
    return 'refusal' in changed ? { ok: false, error: changed.refusal } : this.#view();
  }

  async #act(request: Extract<ControlRequest, { command: 'zone' }>): Promise<ControlReply> {
    const supervisor = this.#supervisor;
    if (supervisor === undefined || this.#phase === 'stopping') {
      return { ok: false, error: `The region is ${this.#phase}.` };
    }
    const chosen = supervisor.select(request.zone, request.services);
    if (chosen.length === 0) {
      const zones = [...new Set(supervisor.processes.map(({ plan }) => plan.zone))];
      return {
        ok: false,
        error: `There is no zone ${request.zone}; the zones are ${zones.join(', ')}.`,
      };
    }
    await Promise.all(chosen.map(async (process) => process[request.action]()));
    return this.#view();
  }

  async #replace(
    request: Extract<ControlRequest, { command: 'replace-redis' | 'retire-redis' }>,
  ): Promise<ControlReply> {
    if (this.#replacement === undefined || this.#phase !== 'ready') {
      return { ok: false, error: `The region is ${this.#phase}.` };
    }
    const { zone } = request;
    const replacement =
      request.command === 'retire-redis'
        ? await this.#replacement.retire(zone, request.number)
        : await this.#replacement[request.step](zone);
    return { ...this.#view(), replacement };
  }

  /** Stops everything in order; safe to call at any time and again. The control socket answers until the end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#unwatch();
    await this.#supervisor?.stopAll();
    if (this.#control === undefined) return;
    this.#control.close();
    rmSync(this.#paths.supervisorSocket, { force: true });
    rmSync(this.#paths.supervisorPid, { force: true });
  }
}
