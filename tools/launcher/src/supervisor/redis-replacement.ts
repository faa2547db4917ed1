// A zone's Redis and its successor: prepared beside it, later put in its place. Each step is recorded in region.json before it
// takes effect, so that a start after kill -9 goes on from there. Who votes is the region's matter, not ours.
import { systemRandom } from '@zonehold/primitives';
import { refuse } from '../refusal.ts';
import { writeRedisFiles } from '../region/redis-files.ts';
import type { RegionPaths } from '../region/region-paths.ts';
import {
  presentRedis,
  writeRegionRecord,
  type NumberedRedis,
  type RegionRecord,
} from '../region/region-record.ts';
import { loopback, writeSettingsFiles } from '../region/settings-files.ts';
import { zonePortStride } from '../region/zones.ts';
import type { RedisPlace, ReplacementView } from './control.ts';
import { isPortFree } from './ports-in-use.ts';
import { redisPlan } from './process-plans.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import type { Supervisor } from './supervisor.ts';

export interface RedisReplacementOptions {
  readonly record: RegionRecord;
  readonly paths: RegionPaths;
  readonly supervisor: Supervisor;
  readonly templatePath: string;
  readonly keyFilePath: string;
  readonly logLevel: string;
  readonly isWithFaults: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Positions in a zone's ten ports that its Redis takes in turn. */
const redisOffsets = [9, 8] as const;

/** Replaces the Redis of zones of one running region; one step at a time. */
export class RedisReplacement {
  readonly #on: RedisReplacementOptions;
  #record: RegionRecord;
  #steps: Promise<unknown> = Promise.resolve();

  constructor(options: RedisReplacementOptions) {
    this.#on = options;
    this.#record = options.record;
  }

  /** What is there, and what would come. Changes nothing. Refuses an unknown zone, and when no port is free. */
  look(zone: string): Promise<ReplacementView> {
    return this.#alone(async () => {
      const index = this.#indexOf(zone);
      const known = this.#record.zones[index]?.nextRedis;
      return this.#view(zone, known ?? (await this.#newRedis(index)), known !== undefined);
    });
  }

  /** Records the successor, writes its files and starts it beside the present one. Again: starts it if it does not run. */
  prepare(zone: string): Promise<ReplacementView> {
    return this.#alone(async () => {
      const { supervisor, paths, environment, templatePath } = this.#on;
      const index = this.#indexOf(zone);
      const next = this.#record.zones[index]?.nextRedis ?? (await this.#newRedis(index));
      this.#change(index, { nextRedis: next });
      writeRedisFiles({ record: this.#record, paths, templatePath, random: systemRandom });
      const process =
        this.#processOf(zone, next) ??
        supervisor.add(redisPlan({ zone, redis: next, paths, environment }));
      process.start();
      return this.#view(zone, next, true);
    });
  }

  /**
   * The Redis of that number has the zone's vote: it is the present one from now on, and the old one is stopped; its folder stays.
   * Monitors start anew, since they look where the topology says. Again: nothing. Refuses a number that was not prepared.
   */
  retire(zone: string, number: number): Promise<ReplacementView> {
    return this.#alone(async () => {
      const { supervisor, paths, keyFilePath, logLevel, isWithFaults } = this.#on;
      const index = this.#indexOf(zone);
      const present = presentRedis(this.#record, index);
      if (present.number === number) return this.#view(zone, null, false);
      const next = this.#record.zones[index]?.nextRedis;
      if (next?.number !== number) {
        return refuse(`The Redis ${number} of ${zone} was not prepared. Nothing was changed.`);
      }
      this.#change(index, { redis: next, nextRedis: undefined });
      writeSettingsFiles({ record: this.#record, paths, keyFilePath, logLevel, isWithFaults });
      const old = this.#processOf(zone, present);
      if (old !== undefined) await supervisor.retire(old);
      await supervisor.restart(supervisor.select(undefined, ['health-monitor']));
      return this.#view(zone, null, false);
    });
  }

  /** Two people at two terminals: one after the other. */
  #alone<Result>(step: () => Promise<Result>): Promise<Result> {
    const done = this.#steps.then(step);
    this.#steps = done.catch(() => undefined);
    return done;
  }

  #indexOf(zone: string): number {
    const { zones } = this.#record;
    const index = zones.findIndex((entry) => entry.zone === zone);
    if (index >= 0) return index;
    const names = zones.map((entry) => entry.zone).join(', ');
    return refuse(`There is no zone ${zone}; the zones are ${names}.`);
  }

  async #newRedis(index: number): Promise<NumberedRedis> {
    const present = presentRedis(this.#record, index);
    const first = this.#record.basePort + index * zonePortStride;
    const ports = redisOffsets.map((offset) => first + offset);
    for (const port of ports) {
      if (port === present.port) continue;
      if (await isPortFree(port)) return { number: present.number + 1, port };
    }
    return refuse(
      `None of the ports ${ports.join(' and ')}, of which the new Redis needs one, is free. Nothing was changed.`,
    );
  }

  /** First on disk, then here. */
  #change(
    index: number,
    change: Partial<Pick<RegionRecord['zones'][number], 'redis' | 'nextRedis'>>,
  ): void {
    const zones = this.#record.zones.map((zone, position) =>
      position === index ? { ...zone, ...change } : zone,
    );
    const record: RegionRecord = { ...this.#record, zones };
    writeRegionRecord(this.#on.paths, record);
    this.#record = record;
  }

  #processOf(zone: string, { port }: NumberedRedis): SupervisedProcess | undefined {
    const candidates = this.#on.supervisor.select(zone, ['redis']);
    return candidates.find(({ plan }) => plan.ports['redis'] === port);
  }

  #view(zone: string, next: NumberedRedis | null, isPrepared: boolean): ReplacementView {
    const placeOf = ({ number, port }: NumberedRedis): RedisPlace => {
      const { dir } = this.#on.paths.zone(zone).redis(number);
      return { number, host: loopback, port, dir };
    };
    const present = presentRedis(this.#record, this.#indexOf(zone));
    return { present: placeOf(present), next: next && placeOf(next), isPrepared };
  }
}
