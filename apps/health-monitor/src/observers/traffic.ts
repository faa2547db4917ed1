// What real requests say of a zone, which outranks any probe (gray failure: mesh reference C). Pure. Each monitor asks the
// gateway of its own zone; their counts are put together, because a zone's own gateway is often the only one that calls it.
import type { ProbeResult } from '../zone-view.ts';

/** Calls of gateways to key-managers of one zone, over the last ten seconds. */
export interface ZoneTraffic {
  readonly calls: number;
  readonly failed: number;
}

export const trafficPolicy = {
  /** Fewer calls than this say nothing. */
  callsMin: 20,
  /** From this part on the zone fails. */
  failedMin: 0.2,
} as const;

/** Each gateway's counts by zone, as one result for each zone that was called often enough. */
export function trafficResults(
  zones: readonly string[],
  byGateway: Readonly<Record<string, Readonly<Record<string, ZoneTraffic>>>>,
): ProbeResult[] {
  return zones.map((zone) => {
    let calls = 0;
    let failed = 0;
    const unhappy: string[] = [];
    for (const [gateway, counts] of Object.entries(byGateway)) {
      const seen = counts[zone];
      if (seen === undefined) continue;
      calls += seen.calls;
      failed += seen.failed;
      if (seen.failed > 0) unhappy.push(gateway);
    }
    const isFailing = calls >= trafficPolicy.callsMin && failed >= calls * trafficPolicy.failedMin;
    const percent = Math.round((100 * failed) / Math.max(calls, 1));
    return {
      zone,
      target: 'traffic',
      verdict: isFailing ? 'unwell' : 'ok',
      latencyMs: 0,
      reason: isFailing
        ? `${percent} % of ${calls} calls failed (gateways of ${unhappy.join(', ')}).`
        : '',
    };
  });
}
