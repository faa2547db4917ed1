// The document that the console shows: everything one monitor knows of its region at one moment, with the charts' samples and the
// events beside it. Types only: the server writes it, the page reads it (docs/console.md).
import type { AdminReplies, RegionHealthReply } from '@zonehold/api-contract';
import type { EdgeBookView } from '@zonehold/service-host';
import type { MonitorEvent } from '../events/history.ts';

export type { AdminReplies, EdgeBookView, MonitorEvent, RegionHealthReply };
export type { EdgeView } from '@zonehold/service-host';

/** How a zone's key-manager sees the acceptors of all zones. */
export type AcceptorsView = AdminReplies['zones'] | { readonly problem: string };

/** What the monitor of one zone reports of the services of its own zone. null: the service does not say. */
export interface ZoneReport {
  /** The zone whose monitor reports. */
  readonly observer: string;
  readonly gateway: EdgeBookView | null;
  readonly keyManager: EdgeBookView | null;
  readonly acceptors: AcceptorsView | null;
}

export interface FaultView {
  readonly id: string;
  /** Whom it hits, and what it does, in one line. */
  readonly text: string;
  readonly reason: string;
  /** ISO time. */
  readonly endsAt: string;
}

/** A fault of the console's own list. */
export interface FaultPresetView {
  readonly name: string;
  readonly title: string;
}

export interface ConsoleState {
  /** ISO time. */
  readonly at: string;
  readonly health: RegionHealthReply;
  /** By zone, in the topology's order. null: its monitor is not heard. */
  readonly reports: Readonly<Record<string, ZoneReport | null>>;
  /** `isEnabled`: the region was started with faults. */
  readonly faults: {
    readonly isEnabled: boolean;
    readonly active: readonly FaultView[];
    readonly presets: readonly FaultPresetView[];
  };
  /** The consoles of all zones, this one's included. */
  readonly consoles: readonly { readonly zone: string; readonly url: string }[];
}

/** Calls that one zone served in the last seconds, by all gateways that report. */
export interface ZoneSample {
  readonly perSecond: number;
  readonly failedPerSecond: number;
  /** Of the gateway that waits longest; null without calls. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** One second of the charts. */
export interface Sample {
  /** Seconds since the Unix epoch. */
  readonly atS: number;
  readonly zones: Readonly<Record<string, ZoneSample>>;
}
