// Asks the gateway of the own zone what its real calls have met lately, on its ops port. No answer says nothing: the gateway's
// own health is another probe's matter.
import { Agent, get } from 'node:http';
import { z } from 'zod';
import { Deadline, type Clock } from '@zonehold/primitives';
import type { ZoneTraffic } from '../observers/traffic.ts';
import { probeTimeoutMs } from '../probe.ts';
import { ask } from './gateway.ts';

const count = z.int().min(0);
const edgesSchema = z.object({
  zones: z.record(
    z.string(),
    z.object({ calls: count, failed: count, failedForMs: count.optional() }),
  ),
});

/** Asks once, each time it is called. Never rejects. */
export function trafficOf(
  { host, opsPort }: { readonly host: string; readonly opsPort: number },
  zones: readonly string[],
  clock: Clock,
): () => Promise<Readonly<Record<string, ZoneTraffic>> | undefined> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return async () => {
    const deadline = Deadline.after(clock, probeTimeoutMs);
    const answer = await ask(get, { agent, host, port: opsPort, path: '/edges' }, deadline);
    return answer.kind === 'answer' && answer.status === 200
      ? readEdges(answer.body, zones)
      : undefined;
  };
}

/** Only zones of this region count, however many the answer names. */
function readEdges(
  body: string,
  zones: readonly string[],
): Readonly<Record<string, ZoneTraffic>> | undefined {
  try {
    const { zones: seen } = edgesSchema.parse(JSON.parse(body));
    return Object.fromEntries(
      zones.flatMap((zone) => (seen[zone] === undefined ? [] : [[zone, seen[zone]]])),
    );
  } catch {
    return undefined;
  }
}
