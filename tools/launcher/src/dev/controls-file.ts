// The controls of a development region: what a person may change while it runs, decided here and written in one step to the file
// that every service follows. The launcher alone writes it, so changes come one after the other.
import { isOperationName } from '@zonehold/api-contract';
import {
  clockOffsetMaxMs,
  devControlsSchema,
  everyRoute,
  initialDevControls,
  injectableStatuses,
  injectedLatencyMaxMs,
  injectionMaxMs,
  injectionsMax,
  standingInjections,
  type DevControls,
} from '@zonehold/service-host';
import { z } from 'zod';
import { refuse } from '../refusal.ts';
import { readIfPresent, writeDurably } from '../region/durable-file.ts';

/** What `npx zonehold clock` and `inject` ask the launcher. */
export const devChangeSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('show') }),
  z.strictObject({ action: z.literal('advance-clock'), byMs: z.int().min(1) }),
  /** The keys' time, milliseconds since the Unix epoch. */
  z.strictObject({ action: z.literal('set-clock'), toMs: z.int() }),
  z.strictObject({
    action: z.literal('inject'),
    route: z.string().min(1).max(64),
    status: z.literal(injectableStatuses).optional(),
    latencyMs: z.int().min(1).max(injectedLatencyMaxMs).optional(),
    percent: z.number().gt(0).max(100),
    forMs: z.int().min(1).max(injectionMaxMs),
  }),
  /** Without an id: all of them. */
  z.strictObject({ action: z.literal('clear-injections'), id: z.int().min(1).optional() }),
]);

export type DevChange = z.infer<typeof devChangeSchema>;

/** The next controls, or why not in one sentence. `nowMs` is the machine's time. Pure. */
export function nextControls(
  controls: DevControls,
  change: DevChange,
  nowMs: number,
): DevControls | { readonly refusal: string } {
  const injections = [...standingInjections(controls.injections, nowMs)];
  const next = { ...controls, injections, revision: controls.revision + 1 };
  switch (change.action) {
    case 'show':
      return { ...controls, injections };
    case 'advance-clock':
      return withOffset(next, controls.clockOffsetMs + change.byMs);
    case 'set-clock': {
      const offsetMs = change.toMs - nowMs;
      if (offsetMs >= controls.clockOffsetMs) return withOffset(next, offsetMs);
      const keyTime = new Date(nowMs + controls.clockOffsetMs).toISOString();
      return {
        refusal: `The keys' time is ${keyTime} already and never goes back. Choose a later time, or begin with another --data-dir: the same seed plants the same keys.`,
      };
    }
    case 'inject':
      return withInjection(next, change, nowMs);
    case 'clear-injections': {
      const { id } = change;
      if (id === undefined) return { ...next, injections: [] };
      const others = injections.filter((injection) => injection.id !== id);
      if (others.length === injections.length) return { refusal: `There is no injection ${id}.` };
      return { ...next, injections: others };
    }
  }
}

function withOffset(
  next: DevControls,
  clockOffsetMs: number,
): DevControls | { readonly refusal: string } {
  if (clockOffsetMs <= clockOffsetMaxMs) return { ...next, clockOffsetMs };
  return { refusal: "The keys' time may be at most 50 years ahead of this machine's." };
}

function withInjection(
  next: DevControls,
  change: Extract<DevChange, { action: 'inject' }>,
  nowMs: number,
): DevControls | { readonly refusal: string } {
  const { route, status, latencyMs, percent, forMs } = change;
  if (route !== everyRoute && !isOperationName(route)) {
    return {
      refusal: `There is no operation ${route}. Use its name in the SDK, such as wrapKey, or * for all.`,
    };
  }
  if (status === undefined && latencyMs === undefined) {
    return { refusal: 'An injection needs a status, a latency, or both.' };
  }
  if (next.injections.length >= injectionsMax) {
    return {
      refusal: `There are ${injectionsMax} injections already; end some with "inject clear".`,
    };
  }
  const id = next.lastInjectionId + 1;
  const injection = {
    ...{ id, route, percent, untilMs: nowMs + forMs },
    ...(status === undefined ? {} : { status }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
  return { ...next, injections: [...next.injections, injection], lastInjectionId: id };
}

/** The file, written anew with each change. */
export class DevControlsFile {
  readonly #path: string;
  #controls: DevControls;

  /** Makes the file if it is missing. Refuses one that it cannot read: nobody may guess how far the keys' time had come. */
  constructor(path: string) {
    this.#path = path;
    const text = readIfPresent(path);
    if (text === undefined) {
      this.#controls = initialDevControls;
      this.#write(initialDevControls);
    } else {
      this.#controls = parseControls(text, path);
    }
  }

  /** The controls after the change, or the sentence why there is none. */
  change(change: DevChange, nowMs: number): DevControls | { readonly refusal: string } {
    const next = nextControls(this.#controls, change, nowMs);
    if ('refusal' in next || change.action === 'show') return next;
    this.#write(next);
    return next;
  }

  #write(controls: DevControls): void {
    writeDurably(this.#path, `${JSON.stringify(controls, null, 2)}\n`, 'public');
    this.#controls = controls;
  }
}

function parseControls(text: string, path: string): DevControls {
  try {
    return devControlsSchema.parse(JSON.parse(text));
  } catch {
    return refuse(
      `${path} is damaged: nobody can say how far the keys' time had been moved. Nothing was changed.`,
    );
  }
}
