// The frames of drains: operators begin and lift them, gateways read them.
import {
  healthMonitorMethods,
  type DrainRequest,
  type DrainsReply,
  type UndrainRequest,
} from '@zonehold/api-contract';
import type { FrameMethod } from '@zonehold/mesh';
import { KmsError } from '@zonehold/primitives';
import type { Monitor } from '../monitor.ts';
import { cannotTell } from '../observers/observers.ts';

/** What a monitor serves. One that is isolated, or has just started, does not know what the others know: the caller asks the next. */
export function drainMethods(monitor: Monitor): Readonly<Record<string, FrameMethod>> {
  const inTouch = (): Monitor => {
    if (monitor.observers.electorate().isIsolated) throw new KmsError('UNAVAILABLE', cannotTell);
    return monitor;
  };
  return {
    [healthMonitorMethods.drain]: {
      callers: ['operator'],
      handle: async (body) => inTouch().drain(body as DrainRequest),
    },
    [healthMonitorMethods.undrain]: {
      callers: ['operator'],
      handle: async (body) => inTouch().undrain(body as UndrainRequest),
    },
    [healthMonitorMethods.drains]: {
      callers: ['gateway', 'operator'],
      handle: async (): Promise<DrainsReply> => ({
        drains: inTouch()
          .observers.drains()
          .map(({ zone, reason, remainingMs }) => ({ zone, reason, remainingMs })),
      }),
    },
  };
}
