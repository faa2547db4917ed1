// How frames and connections are shown to a FaultPort. Only where there is one; the links' own way knows nothing of this.
import type { PassingMessage } from '@zonehold/primitives';

/** What a link says of itself has routes too: rules may name or except them. `late`: an answer that nobody waits for any more. */
export const linkRoutes = {
  ping: 'ping',
  connect: 'connect',
  cancel: 'cancel',
  late: 'late',
} as const;

/** A client's attempt to connect; its other half, the way back, is the first pong. */
export const connecting: PassingMessage = {
  direction: 'out',
  leg: 'request',
  route: linkRoutes.connect,
  bytes: 0,
};

/** The same, as the server sees it. */
export const connected: PassingMessage = { ...connecting, direction: 'in' };

const headerBytes = 4;

export function frameBytes(text: string): number {
  return headerBytes + Buffer.byteLength(text);
}
