// Which seed a start plants: the one that is named, else the one the region was planted with before, else the default. Checked before
// anything of the region is written, planted when it serves.
import { join } from 'node:path';
import type { MeshClient } from '@zonehold/mesh';
import type { Progress } from '../progress.ts';
import { readIfPresent, writeDurably } from '../region/durable-file.ts';
import type { RegionPaths } from '../region/region-paths.ts';
import { plantSeed } from './plant-seed.ts';
import { parseSeed, readSeedText, type Seed } from './seed-file.ts';
import { seededKeyLines, seededVariables } from './seed-tenant.ts';

const defaultSeed = 'docker/dev-seed.yaml';

export class DevSeeding {
  readonly #paths: RegionPaths;
  readonly #source: string;
  readonly #text: string;
  readonly #seed: Seed;

  /** Reads and checks the seed; `root` is the checkout. Refuses one with problems. */
  constructor(options: {
    readonly paths: RegionPaths;
    readonly seedPath: string | undefined;
    readonly root: string;
  }) {
    const { paths, seedPath, root } = options;
    const kept = seedPath === undefined ? readIfPresent(paths.devSeed) : undefined;
    this.#paths = paths;
    this.#source = kept === undefined ? (seedPath ?? join(root, defaultSeed)) : paths.devSeed;
    this.#text = kept ?? readSeedText(this.#source);
    this.#seed = parseSeed(this.#text, this.#source);
  }

  get variables(): ReturnType<typeof seededVariables> {
    return seededVariables(this.#seed);
  }

  get summaryLines(): readonly string[] {
    return seededKeyLines(this.#seed);
  }

  /** Plants what is missing, and keeps the seed for the next start. */
  async plant(connect: () => MeshClient, progress: Progress): Promise<void> {
    const mesh = connect();
    try {
      const count = await plantSeed(this.#seed, mesh, this.#source);
      if (count > 0) progress.say(`planted ${count} entries of the seed ${this.#source}`);
    } finally {
      await mesh.close();
    }
    if (this.#source !== this.#paths.devSeed) writeDurably(this.#paths.devSeed, this.#text);
  }
}
