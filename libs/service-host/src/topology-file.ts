// The topology as a service follows it: the file it started with, and whatever later version replaces it. What changes while a service
// runs is where it calls others; its own listeners, the Redis it asks and which zones there are it reads at its start only.
import { readFile } from 'node:fs/promises';
import type { Discovery, DiscoverySnapshot } from '@zonehold/mesh';
import type { Log } from '@zonehold/telemetry';
import { parseJson } from './settings.ts';
import { endpointsOf, topologySchema, type Topology } from './topology.ts';

/** A move is planned: a second is soon enough, and costs nothing. */
const lookEveryMs = 1_000;

export interface TopologyFileOptions {
  readonly path: string;
  /** As it was read at the start. */
  readonly first: Topology;
  readonly log: Log;
}

export class TopologyFile implements Discovery {
  readonly #options: TopologyFileOptions;
  readonly #listeners = new Set<(snapshot: DiscoverySnapshot) => void>();
  #snapshot: DiscoverySnapshot;
  #text = '';
  #timer: NodeJS.Timeout | undefined;
  #isReading = false;

  constructor(options: TopologyFileOptions) {
    this.#options = options;
    this.#snapshot = snapshotOf(options.first);
  }

  get snapshot(): DiscoverySnapshot {
    return this.#snapshot;
  }

  watch(listener: (snapshot: DiscoverySnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at the file from now on. Keeps no process alive. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Reads the file once. What cannot be read, or is not this region's, changes nothing and is said once. */
  async look(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const { path, log } = this.#options;
    try {
      const text = await readFile(path, 'utf8');
      if (text === this.#text) return;
      this.#text = text;
      const problems = this.#adopt(text);
      if (problems.length > 0) log.warn('topology.refused', { problems });
    } catch (error) {
      if (this.#text === '') return;
      this.#text = '';
      log.warn('topology.unreadable', { error });
    } finally {
      this.#isReading = false;
    }
  }

  #adopt(text: string): readonly string[] {
    const { path, first, log } = this.#options;
    const read = parseJson(topologySchema, text, `The topology ${path}`);
    if (!read.ok) return read.problems;
    const { clusterId, region } = read.value;
    if (clusterId !== first.clusterId || region !== first.region)
      return ['The topology is of another region.'];
    const snapshot = snapshotOf(read.value);
    // An older one is what somebody put back: what runs now knows better where things are.
    if (snapshot.version <= this.#snapshot.version) return [];
    this.#snapshot = snapshot;
    log.info('topology.adopted', { version: snapshot.version });
    for (const listener of this.#listeners) listener(snapshot);
    return [];
  }
}

/** Files of before versions count as the oldest. */
function snapshotOf(topology: Topology): DiscoverySnapshot {
  return { version: topology.version ?? 0, endpoints: endpointsOf(topology) };
}
