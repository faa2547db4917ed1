// What the console may do, as a port: the monitor's drains, and where the region was started with them the faults. Each order
// answers with a sentence why not, or with nothing when it is done.
import type { FaultPresetView, FaultView } from './state.ts';

export interface DrainOrder {
  readonly zone: string;
  readonly reason: string;
  readonly lengthMs: number;
}

export interface FaultOrder {
  /** Name of a preset. */
  readonly preset: string;
  readonly zone: string;
  readonly reason: string;
  readonly lengthMs: number;
}

/** A sentence, or undefined: it was done. */
export type Refusal = string | undefined;

export interface FaultControls {
  readonly presets: readonly FaultPresetView[];
  /** Those in force, as of a second ago at most. */
  list(): readonly FaultView[];
  add(order: FaultOrder): Promise<Refusal>;
  /** One rule, or all. */
  clear(id: string | undefined): Promise<Refusal>;
}

export interface Controls {
  drain(order: DrainOrder): Promise<Refusal>;
  undrain(zone: string): Promise<Refusal>;
  /** Undefined in a region that was started without faults. */
  readonly faults: FaultControls | undefined;
}
