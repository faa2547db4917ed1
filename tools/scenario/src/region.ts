// The region that a scenario runs against: found by its files, asked through its launcher and its ops ports.
import { existsSync, readFileSync } from 'node:fs';
import {
  askControl,
  type SupervisedService,
  type ControlReply,
  type ControlRequest,
  type RegionPaths,
} from '@zonehold/launcher';
import { accessFrom, readClientEnv, type RegionAccess } from '@zonehold/loadgen';
import type { Topology } from '@zonehold/service-host';
import { CouldNotRun } from './could-not-run.ts';
import type { OpsListener } from './ops-page.ts';

type Service = Exclude<SupervisedService, 'redis'>;

export class Region {
  readonly paths: RegionPaths;
  readonly #topology: Topology;

  /** Throws CouldNotRun when there is no region. */
  constructor(paths: RegionPaths) {
    if (!existsSync(paths.topology)) {
      throw new CouldNotRun(`There is no region in ${paths.regionDir}. Run "npm start" first.`);
    }
    this.paths = paths;
    this.#topology = JSON.parse(readFileSync(paths.topology, 'utf8')) as Topology;
  }

  get name(): string {
    return this.#topology.region;
  }

  get zones(): readonly string[] {
    return this.#topology.zones.map(({ zone }) => zone);
  }

  /** Where fault rules lie; undefined when the region was not started with faults. */
  get faultsDir(): string | undefined {
    return existsSync(this.paths.faults) ? this.paths.faults : undefined;
  }

  /** Who asks, from client.env. */
  access(): RegionAccess {
    return accessFrom(readClientEnv(this.paths.clientEnv));
  }

  /** Where the ops ports of one service are, zone by zone. */
  listeners(service: Service): { readonly zone: string; readonly listener: OpsListener }[] {
    return this.#topology.zones.map((entry) => ({ zone: entry.zone, listener: entry[service] }));
  }

  /** Asks the launcher. Throws CouldNotRun when it does not answer or refuses. */
  async ask(request: ControlRequest): Promise<Extract<ControlReply, { ok: true }>> {
    const reply = await askControl(this.paths.supervisorSocket, request);
    if (reply === undefined) {
      throw new CouldNotRun(
        `The region in ${this.paths.regionDir} is not running. Start it with "npm start".`,
      );
    }
    if (!reply.ok) throw new CouldNotRun(reply.error);
    return reply;
  }
}
