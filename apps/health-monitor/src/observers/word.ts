// What one monitor tells the others of its view. It is pulled, never pushed: a reply to one's own question is fresh by the
// question's deadline, while a pushed word may have waited in the socket of a process that was stopped.
import { z } from 'zod';
import { KmsError } from '@zonehold/primitives';
import { drainFields } from '../drains/drain-request.ts';
import { drainPolicy, type ToldDrain } from '../drains/drains.ts';
import { zoneStates, type ZoneState } from '../zone-view.ts';
import type { ZoneTraffic } from './traffic.ts';

export interface Word {
  /** The zone whose monitor says so. */
  readonly observer: string;
  /** It cannot reach most others, and does not trust its own eyes. Nobody else should. */
  readonly isIsolated: boolean;
  /** The zones whose monitors it has a fresh word of. */
  readonly hears: readonly string[];
  /** What it sees with its own eyes. */
  readonly zones: Readonly<Record<string, ZoneState>>;
  /** What the gateway of its zone has met lately, by the zone it called. */
  readonly traffic: Readonly<Record<string, ZoneTraffic>>;
  /** What it knows of drains, its own or from others. */
  readonly drains: readonly ToldDrain[];
}

/** The topology knows nine zones at most. */
const zonesMax = 9;
const zoneName = z.string().min(1).max(63);
/** Counted before each is read: a frame may hold a hundred thousand of them, and a monitor that reads them looks at nothing else. */
const few = <T extends z.ZodType>(entry: T, max: number) =>
  z.array(z.unknown()).max(max).pipe(z.array(entry));
const byZone = <T extends z.ZodType>(entry: T) =>
  z
    .record(z.string(), z.unknown())
    .refine((entries) => Object.keys(entries).length <= zonesMax)
    .pipe(z.record(zoneName, entry));

const callCount = z.int().min(0).max(1_000_000_000);

const drain = z.object({
  id: drainFields.id,
  zone: zoneName,
  reason: drainFields.reason,
  startedWallMs: z.number(),
  remainingMs: z.number().max(drainPolicy.lengthMaxMs),
  isLifted: z.boolean(),
});

const wordSchema = z.object({
  observer: zoneName,
  isIsolated: z.boolean(),
  hears: few(zoneName, zonesMax),
  zones: byZone(z.enum(zoneStates)),
  traffic: byZone(
    z.object({ calls: callCount, failed: callCount, failedForMs: callCount.optional() }),
  ),
  /** A monitor of an older release says nothing of them. */
  drains: few(drain, drainPolicy.keptMax).default([]),
});

/** A word as it came from the monitor of `zone`. Throws PROTOCOL when it is none, or another monitor's. */
export function readWord(body: unknown, zone: string): Word {
  const parsed = wordSchema.safeParse(body);
  if (!parsed.success || parsed.data.observer !== zone)
    throw new KmsError('PROTOCOL', `the monitor of ${zone} does not give its word`);
  return parsed.data;
}
