// region.json: who this region is. Written once; only its state, its ports and where a zone's Redis lies ever change.
import { z } from 'zod';
import { toHex, type Clock, type Random } from '@zonehold/primitives';
import { refuse } from '../refusal.ts';
import { readIfPresent, writeDurably } from './durable-file.ts';
import type { RegionPaths } from './region-paths.ts';
import { zoneCount, zoneNames, zonePorts } from './zones.ts';

/**
 * Raised when an older launcher could not understand the files, or when this one cannot understand older ones.
 * 2: each acceptor keeps a change log of its lists. Without it, keys made before would be missing from every list.
 */
export const formatVersion = 2;

/** What the gateways' settings allow (apps/gateway/src/config.ts). */
export const requestsPerSecondMin = 3;
export const requestsPerSecondMax = 100_000_000;

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const port = z.int().min(1).max(65_535);
/** One of the Redis that a zone had: its first has the number 1, and no number is given twice. */
const numberedRedis = z.strictObject({ number: z.int().min(1).max(1_000_000), port });
const recordSchema = z.strictObject({
  formatVersion: z.literal(formatVersion),
  clusterId: name,
  region: name,
  /** `formatting`: the acceptors may still be empty. `formed`: an empty acceptor is a lost one, and is never formatted again. */
  state: z.enum(['formatting', 'formed']),
  createdAt: z.string(),
  regionalPort: port,
  basePort: port,
  /** Of the private endpoint, which the gateways share; absent without one. */
  privatePort: port.optional(),
  /** What one instance may ask of the region; absent: the gateways' default. */
  requestsPerSecond: z.int().min(requestsPerSecondMin).max(requestsPerSecondMax).optional(),
  zones: z
    .array(
      z.strictObject({
        zone: name,
        acceptorId: name,
        /** Of the first Redis, as it was formatted. The configuration knows the present one. */
        incarnation: name,
        /** Where the zone's Redis is since the first was replaced. Its port is its address: it never follows `basePort`. */
        redis: numberedRedis.optional(),
        /** The one that is to replace it: it runs beside it until it has the vote. */
        nextRedis: numberedRedis.optional(),
      }),
    )
    .length(zoneCount),
});

export type RegionRecord = z.infer<typeof recordSchema>;
export type NumberedRedis = z.infer<typeof numberedRedis>;

/** The Redis that has the vote of zone number `zoneIndex` (from 0). */
export function presentRedis(record: RegionRecord, zoneIndex: number): NumberedRedis {
  const { port: firstPort } = zonePorts(record.basePort, zoneIndex).redis;
  return record.zones[zoneIndex]?.redis ?? { number: 1, port: firstPort };
}

/** Every Redis that runs for that zone: the present one first, then its successor if there is one. */
export function runningRedis(record: RegionRecord, zoneIndex: number): readonly NumberedRedis[] {
  const next = record.zones[zoneIndex]?.nextRedis;
  return [presentRedis(record, zoneIndex), ...(next === undefined ? [] : [next])];
}

/** The names of a region that was never there before. */
export function newRegionRecord(options: {
  readonly region: string;
  readonly regionalPort: number;
  readonly basePort: number;
  readonly random: Random;
  readonly clock: Clock;
}): RegionRecord {
  const { region, regionalPort, basePort, random, clock } = options;
  const id = (prefix: string, byteCount: number): string =>
    `${prefix}-${toHex(random.bytes(byteCount))}`;
  return {
    formatVersion,
    // 128 random bits: cluster ids name key files that live beside those of other regions for ever.
    clusterId: id('zh', 16),
    region,
    state: 'formatting',
    createdAt: new Date(clock.wallMs()).toISOString(),
    regionalPort,
    basePort,
    zones: zoneNames(region).map((zone) => ({
      zone,
      acceptorId: id('acceptor', 4),
      incarnation: id('i', 8),
    })),
  };
}

/** The record on disk; undefined when there is no region yet. Refuses one that is not ours to touch. */
export function readRegionRecord(paths: RegionPaths, region: string): RegionRecord | undefined {
  const text = readIfPresent(paths.record);
  return text === undefined ? undefined : parseRegionRecord(text, paths.record, region);
}

/** Checks the text of a region.json. Refuses another region's, a newer format's, and a damaged one, each in one sentence. */
export function parseRegionRecord(text: string, path: string, region: string): RegionRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse(`${path} is damaged: it is not JSON. Nothing was changed.`);
  }
  const loose = z.object({ formatVersion: z.int(), region: z.string() }).safeParse(json);
  if (!loose.success) return refuse(`${path} is not the record of a region. Nothing was changed.`);
  if (loose.data.formatVersion > formatVersion) {
    return refuse(
      `${path} was written by a newer Zonehold (format ${loose.data.formatVersion}, this one knows ${formatVersion}). Nothing was changed.`,
    );
  }
  if (loose.data.formatVersion < formatVersion) {
    return refuse(
      `${path} was written by an older Zonehold (format ${loose.data.formatVersion}, this one needs ${formatVersion}): its Redis keep no change log, so lists would miss its keys. Use the older Zonehold for it, or another --data-dir. Nothing was changed.`,
    );
  }
  if (loose.data.region !== region) {
    return refuse(
      `${path} belongs to the region ${loose.data.region}, not to ${region}. Use --region ${loose.data.region} or another --data-dir. Nothing was changed.`,
    );
  }
  const record = recordSchema.safeParse(json);
  if (!record.success) {
    const where = record.error.issues.map((issue) => issue.path.join('.')).join(', ');
    return refuse(`${path} is damaged (${where}). Nothing was changed.`);
  }
  return record.data;
}

export function writeRegionRecord(paths: RegionPaths, record: RegionRecord): void {
  writeDurably(paths.record, `${JSON.stringify(record, null, 2)}\n`, 'public');
}
