// What real requests say of a zone, which outranks any probe (gray failure: mesh reference C). Pure. Each monitor asks the
// gateway of its own zone. Each gateway is judged by itself: put together, the failures of one that is sick would speak against all zones.
import type { ProbeResult } from '../zone-view.ts';

/** Calls of one gateway to key-managers of one zone, over the last five seconds. */
export interface ZoneTraffic {
  readonly calls: number;
  readonly failed: number;
  /** How long failures have been going on; 0 when they are over. A gateway of an older release does not tell. */
  readonly failedForMs?: number | undefined;
}

export const trafficPolicy = {
  /** Fewer calls than this say nothing. */
  callsMin: 20,
  /** From this part on the zone fails. */
  failedMin: 0.2,
  /** One moment, a lost link for instance, is no failing zone, and is still in the counts five seconds later. Two quarters of a second apart. */
  failedForMinMs: 500,
} as const;

type ByZone = Readonly<Record<string, ZoneTraffic>>;

/** Each gateway's counts by zone, as one result for each zone. */
export function trafficResults(
  zones: readonly string[],
  byGateway: Readonly<Record<string, ByZone>>,
): ProbeResult[] {
  return zones.map((zone) => {
    const accusers = accusersOf(zone, byGateway);
    let calls = 0;
    let failed = 0;
    for (const gateway of accusers) {
      calls += byGateway[gateway]?.[zone]?.calls ?? 0;
      failed += byGateway[gateway]?.[zone]?.failed ?? 0;
    }
    const isFailing = accusers.length > 0;
    const percent = Math.round((100 * failed) / Math.max(calls, 1));
    return {
      zone,
      target: 'traffic',
      verdict: isFailing ? 'unwell' : 'ok',
      latencyMs: 0,
      reason: isFailing
        ? `${percent} % of ${calls} calls failed (gateways of ${accusers.join(', ')}).`
        : '',
    };
  });
}

/** The gateways that a zone fails, if they are most of those that called it often enough. */
function accusersOf(zone: string, byGateway: Readonly<Record<string, ByZone>>): string[] {
  const callers = Object.entries(byGateway).filter(
    ([, counts]) => (counts[zone]?.calls ?? 0) >= trafficPolicy.callsMin,
  );
  const accusers = callers.filter(([, counts]) => {
    const { failedForMs = Infinity, ...seen } = counts[zone] ?? { calls: 0, failed: 0 };
    return fails(seen) && failedForMs >= trafficPolicy.failedForMinMs;
  });
  if (accusers.length * 2 <= callers.length) return [];
  // Nobody else can say whether it is the zone or the gateway; its own other calls can.
  const [only] = callers;
  if (callers.length === 1 && only !== undefined && isSick(only[1])) return [];
  return accusers.map(([gateway]) => gateway);
}

function fails({ calls, failed }: Pick<ZoneTraffic, 'calls' | 'failed'>): boolean {
  return failed > 0 && failed >= calls * trafficPolicy.failedMin;
}

/** A gateway all of whose zones fail it. One that calls a single zone is believed: it has nothing to compare. */
function isSick(counts: ByZone): boolean {
  const called = Object.values(counts).filter(({ calls }) => calls > 0);
  return called.length > 1 && called.every(fails);
}
