// What a development region may be told while it runs: how far the keys' time is ahead, and which answers the gateways make up
// (docs/dev-mode.md). The launcher writes it as one file, services read it. Pure.
import { z } from 'zod';

/** Half a century: every rule in time can be passed, and every date still has four digits. */
export const clockOffsetMaxMs = 50 * 365 * 86_400_000;
/** People read the list. */
export const injectionsMax = 32;
/** An injection that somebody forgot must not be the riddle of the next day. */
export const injectionMaxMs = 3_600_000;
/** Longer than any client waits. */
export const injectedLatencyMaxMs = 60_000;

/** Statuses that mean "not applied, come again" or "it broke before anything happened": all a gateway can say truthfully. */
export const injectableStatuses = [429, 500, 503] as const;
export type InjectableStatus = (typeof injectableStatuses)[number];

/** Every operation of the contract, in an injection's `route`. */
export const everyRoute = '*';

const injectionSchema = z
  .strictObject({
    /** Never given twice in a region. */
    id: z.int().min(1),
    /** The name of an operation, or `*`. */
    route: z.string().min(1).max(64),
    status: z.literal(injectableStatuses).optional(),
    latencyMs: z.int().min(1).max(injectedLatencyMaxMs).optional(),
    /** Of the requests, by chance. */
    percent: z.number().gt(0).max(100),
    /** By the machine's clock. */
    untilMs: z.int(),
  })
  .refine(({ status, latencyMs }) => status !== undefined || latencyMs !== undefined, {
    message: 'needs a status, a latency, or both',
  });

export type Injection = z.infer<typeof injectionSchema>;

export const devControlsSchema = z.strictObject({
  /** Grows with every change: who reports it has seen the change. */
  revision: z.int().min(1),
  /** The keys' time is the machine's and this. It never shrinks. */
  clockOffsetMs: z.int().min(0).max(clockOffsetMaxMs),
  injections: z.array(injectionSchema).max(injectionsMax),
  lastInjectionId: z.int().min(0),
});

export type DevControls = z.infer<typeof devControlsSchema>;

/** Of a development region that was never told anything. */
export const initialDevControls: DevControls = {
  revision: 1,
  clockOffsetMs: 0,
  injections: [],
  lastInjectionId: 0,
};

/** What a service of a development region says at `/dev` of its ops port. */
export interface DevView extends DevControls {
  readonly mode: 'dev';
  /** The keys' time, ISO. */
  readonly keyTime: string;
}

/** The injections that are still in force. */
export function standingInjections(
  injections: readonly Injection[],
  nowMs: number,
): readonly Injection[] {
  return injections.filter(({ untilMs }) => untilMs > nowMs);
}
