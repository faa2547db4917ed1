// For tests only: what key-managers of a small region answer, and three zones of them.
import type { KmsError } from '@zonehold/primitives';
import type { FrameServer } from './frame-server.ts';
import type { FrameMethod } from './ports.ts';
import { zones, type TestRegion } from './test-region.ts';

export const callers = ['gateway'] as const;
export const echo: FrameMethod = { callers, handle: async (body) => body };
export const hang: FrameMethod = { callers, handle: () => new Promise(() => undefined) };
export const failing = (error: KmsError): FrameMethod => ({
  callers,
  handle: async () => {
    throw error;
  },
});

/** Key-managers in all three zones with the same methods; `first` replaces them in the caller's own zone. */
export async function threeZones(
  region: TestRegion,
  method: FrameMethod,
  first: FrameMethod = method,
): Promise<FrameServer[]> {
  return Promise.all(
    zones.map((zone, at) => region.serve(zone, { work: at === 0 ? first : method })),
  );
}

export const portsOf = (servers: readonly { port: number }[]): number[] =>
  servers.map(({ port }) => port);
