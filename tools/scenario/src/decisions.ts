// What gateways and key-managers decided while a scenario ran, to the millisecond: their logs tell each decision with its time, where a
// look once a second would not do to say what took less than one.
import { existsSync, openSync, closeSync, readSync, statSync } from 'node:fs';
import { z } from 'zod';
import { decisionKinds, type Decision } from './observations.ts';
import type { Region } from './region.ts';

const lineSchema = z.object({
  time: z.iso.datetime(),
  event: z.enum(decisionKinds),
  service: z.string(),
  zone: z.string(),
  peerService: z.enum(['key-manager', 'crypto-worker', 'gateway', 'health-monitor']),
  peerZone: z.string().optional(),
  reason: z.string().optional(),
  lastsMs: z.number().optional(),
});

/** Decisions of one run are a few hundred lines among those of its requests. */
const logMaxBytes = 256 * 1024 * 1024;

/** Remembers where each log ends now; gives what was decided since. */
export class DecisionLogs {
  readonly #logs: readonly { readonly path: string; readonly fromByte: number }[];

  constructor({ paths, zones }: Region) {
    this.#logs = zones.flatMap((zone) =>
      ['gateway', 'key-manager'].map((service) => {
        const path = paths.zone(zone).log(service);
        return { path, fromByte: sizeOf(path) };
      }),
    );
  }

  /** In order of time. `originWallMs`: the wall time that decisions count from. */
  since(originWallMs: number): Decision[] {
    return this.#logs
      .flatMap(({ path, fromByte }) => decisionsIn(readFrom(path, fromByte), originWallMs))
      .toSorted((left, right) => left.atMs - right.atMs);
  }
}

/** The decisions among the lines of a log. */
export function decisionsIn(text: string, originWallMs: number): Decision[] {
  return text.split('\n').flatMap((line) => {
    // Most lines are requests: not worth parsing.
    if (!decisionKinds.some((kind) => line.includes(`"event":"${kind}"`))) return [];
    const parsed = lineSchema.safeParse(parse(line));
    if (!parsed.success) return [];
    const { time, event: kind, service, zone, peerService, ...rest } = parsed.data;
    const { peerZone, reason, lastsMs } = rest;
    const atMs = Date.parse(time) - originWallMs;
    return [{ ...{ atMs, kind, service, zone, peerService }, peerZone, reason, lastsMs }];
  });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The process was killed while it wrote.
    return undefined;
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** A log that has become shorter was set aside: the new one is all news. */
function readFrom(path: string, fromByte: number): string {
  const size = sizeOf(path);
  const start = size < fromByte ? 0 : fromByte;
  const buffer = Buffer.alloc(Math.min(size - start, logMaxBytes));
  if (buffer.length === 0) return '';
  const file = openSync(path, 'r');
  try {
    readSync(file, buffer, 0, buffer.length, start);
  } finally {
    closeSync(file);
  }
  return buffer.toString('utf8');
}
