// What monitors tell each other of the services of their own zones, for the consoles: asked of the gateway and the key-manager on
// loopback, and by the other monitors over mTLS, so that no console needs another host's ops port.
import { Agent, get } from 'node:http';
import { z } from 'zod';
import { KmsError, Deadline, type Clock } from '@zonehold/primitives';
import { serviceNames } from '@zonehold/service-host';
import { ask } from '../probes/gateway.ts';
import type { ZoneReport } from './state.ts';

/** The frame method by which a monitor is asked for its report, by monitors only. */
export const reportMethod = 'health-monitor.report';
/** Under the second in which the next one is asked for. */
export const reportTimeoutMs = 800;

/** The topology knows nine zones at most. */
const zonesMax = 9;
const textMaxChars = 500;
const zone = z.string().min(1).max(63);
const text = z.string().max(textMaxChars);
const amount = z.number().min(0).max(1e12);

const bookSchema = z.object({
  service: z.enum(serviceNames),
  isPanic: z.boolean(),
  edges: z
    .array(
      z.object({
        zone,
        callsPerSecond: amount,
        failedPerSecond: amount,
        p50Ms: amount.nullable(),
        p99Ms: amount.nullable(),
        isLinkUp: z.boolean(),
        circuit: z.enum(['closed', 'open', 'half-open']),
        ejected: amount,
        spillShare: amount,
      }),
    )
    .max(zonesMax),
});

const acceptorsSchema = z.union([
  z.object({ problem: text }),
  z.object({
    zones: z.array(z.object({ zone, standing: text, reason: text })).max(zonesMax),
    epoch: amount,
    rebuild: z
      .object({
        ...{ zone, cause: text, done: amount, total: amount, recordsPerSecond: amount },
        ...{ leftS: amount.nullable(), openedAt: text, waitsFor: text },
      })
      .nullable(),
    lastRebuild: z
      .object({ zone, cause: text, records: amount, openedAt: text, finishedAt: text })
      .nullable(),
  }),
]);

const reportSchema = z.object({
  observer: zone,
  gateway: bookSchema.nullable(),
  keyManager: bookSchema.nullable(),
  acceptors: acceptorsSchema.nullable(),
});

/** A report as it came from the monitor of `zone`. Throws PROTOCOL when it is none, or another monitor's. */
export function readReport(body: unknown, zone: string): ZoneReport {
  const parsed = reportSchema.safeParse(body);
  if (!parsed.success || parsed.data.observer !== zone)
    throw new KmsError('PROTOCOL', `the monitor of ${zone} does not give its report`);
  return parsed.data;
}

export interface OpsListener {
  readonly host: string;
  readonly opsPort: number;
}

/** Asks the gateway and the key-manager of the own zone, each time it is called. Never rejects. */
export function reporterOf(
  self: string,
  services: { readonly gateway: OpsListener; readonly keyManager: OpsListener },
  clock: Clock,
): () => Promise<ZoneReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const page = async <Value>(
    { host, opsPort: port }: OpsListener,
    path: string,
    schema: z.ZodType<Value>,
  ): Promise<Value | null> => {
    const deadline = Deadline.after(clock, reportTimeoutMs);
    const answer = await ask(get, { agent, host, port, path }, deadline);
    if (answer.kind !== 'answer' || answer.status !== 200) return null;
    try {
      return schema.parse(JSON.parse(answer.body));
    } catch {
      return null;
    }
  };
  const edgesSchema = z.object({ book: bookSchema });
  return async () => {
    const [gateway, keyManager, acceptors] = await Promise.all([
      page(services.gateway, '/edges', edgesSchema),
      page(services.keyManager, '/edges', edgesSchema),
      page(services.keyManager, '/acceptors', acceptorsSchema),
    ]);
    return {
      observer: self,
      gateway: gateway?.book ?? null,
      keyManager: keyManager?.book ?? null,
      acceptors,
    };
  };
}
