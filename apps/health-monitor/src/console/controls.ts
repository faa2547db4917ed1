// What the console may do, as a port: the monitor's drains, and where the region was started with them the faults. Each order
// answers with a sentence why not, or with nothing when it is done.
import type { DrainView, FaultPresetView, FaultView } from './state.ts';

export interface DrainOrder {
  readonly zone: string;
  readonly reason: string;
  readonly lengthMs: number;
}

export interface FaultOrder {
  /** Of the presets. */
  readonly preset: string;
  readonly zone: string;
  readonly reason: string;
  readonly lengthMs: number;
}

/** A sentence, or undefined: it was done. */
export type Refusal = string | undefined;

export interface FaultControls {
  readonly presets: readonly FaultPresetView[];
  list(): readonly FaultView[];
  add(order: FaultOrder): Refusal;
  /** One rule, or all. */
  clear(id: string | undefined): Refusal;
}

export interface Controls {
  drains(): readonly DrainView[];
  drain(order: DrainOrder): Refusal;
  undrain(zone: string): Refusal;
  /** Undefined in a region that was started without faults. */
  readonly faults: FaultControls | undefined;
}
