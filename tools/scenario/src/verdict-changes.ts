// What the monitors said of the zones while a scenario ran, from the history that each of them keeps.
import { z } from 'zod';
import type { VerdictChange } from './observations.ts';
import { opsDocument } from './ops-page.ts';
import type { Region } from './region.ts';

const historySchema = z.object({
  events: z.array(
    z.object({
      at: z.iso.datetime(),
      kind: z.string(),
      zone: z.string(),
      from: z.string(),
      to: z.string(),
      reasons: z.array(z.string()),
    }),
  ),
});

/** In order of time; only of monitors that answer now. A monitor that was killed meanwhile has forgotten. */
export async function verdictChangesSince(
  region: Region,
  originWallMs: number,
): Promise<VerdictChange[]> {
  const histories = await Promise.all(
    region.listeners('health-monitor').map(async ({ zone: observer, listener }) => {
      const parsed = historySchema.safeParse(await opsDocument(listener, '/v1/events'));
      const events = parsed.success ? parsed.data.events : [];
      return events
        .filter(({ kind }) => kind === 'zone')
        .map(({ at, zone, from, to, reasons }) => {
          const atMs = Date.parse(at) - originWallMs;
          return { atMs, observer, zone, from, to, reasons };
        })
        .filter(({ atMs }) => atMs >= 0);
    }),
  );
  return histories.flat().toSorted((left, right) => left.atMs - right.atMs);
}
