// For tests only: the document of a region in which all is well, and ways to spoil it.
import type { ConsoleState, EdgeView, RegionHealthReply, ZoneReport } from './state.ts';

export const testZones = ['south-1', 'south-2', 'south-3'] as const;
const at = '2026-01-01T00:00:00Z';

type HealthZone = RegionHealthReply['zones'][number];

const services = ['gateway', 'key-manager', 'canary', 'crypto-worker', 'redis', 'health-monitor'];

export function healthOf(zone: string, change: Partial<HealthZone> = {}): HealthZone {
  return {
    ...{ zone, state: 'healthy', since: at, reasons: [] },
    services: Object.fromEntries(
      services.map((name) => [name, { ok: true, latencyMs: 2, reason: '' }]),
    ),
    votes: Object.fromEntries(testZones.map((name) => [name, 'healthy'])),
    ...change,
  };
}

export function edgeTo(zone: string, change: Partial<EdgeView> = {}): EdgeView {
  return {
    ...{ zone, callsPerSecond: 0, failedPerSecond: 0, p50Ms: null, p99Ms: null },
    ...{ isLinkUp: true, circuit: 'closed', ejected: 0, spillShare: 0 },
    ...change,
  };
}

export function reportOf(observer: string, change: Partial<ZoneReport> = {}): ZoneReport {
  const edges = testZones.map((zone) =>
    edgeTo(zone, zone === observer ? { callsPerSecond: 40, p50Ms: 3, p99Ms: 9 } : {}),
  );
  return {
    observer,
    gateway: { service: 'key-manager', isPanic: false, edges },
    keyManager: { service: 'crypto-worker', isPanic: false, edges },
    acceptors: acceptorsWith({}),
    ...change,
  };
}

/** Standings by zone; `voter` where none is given. */
export function acceptorsWith(
  standings: Readonly<Record<string, string>>,
  change: Partial<Exclude<ZoneReport['acceptors'], null | { problem: string }>> = {},
): NonNullable<ZoneReport['acceptors']> {
  return {
    zones: testZones.map((zone) => ({
      ...{ zone, standing: standings[zone] ?? 'voter' },
      reason: standings[zone] === undefined ? '' : 'so it is',
    })),
    ...{ epoch: 3, rebuild: null, lastRebuild: null },
    ...change,
  };
}

export function stateWith(change: {
  readonly health?: Partial<RegionHealthReply>;
  readonly zones?: Readonly<Record<string, Partial<HealthZone>>>;
  readonly reports?: ConsoleState['reports'];
  readonly faults?: ConsoleState['faults'];
}): ConsoleState {
  return {
    at,
    health: {
      ...{ region: 'south', observedAt: at, observer: 'south-1', isIsolated: false },
      monitors: testZones.map((zone) => ({ zone, isHeard: true, isIsolated: false, sees: {} })),
      zones: testZones.map((zone) => healthOf(zone, change.zones?.[zone])),
      advice: {
        weights: Object.fromEntries(testZones.map((zone) => [zone, 1])),
        ...{ isPanic: false, expiresAt: at },
      },
      ...change.health,
    },
    reports: {
      ...Object.fromEntries(testZones.map((zone) => [zone, reportOf(zone)])),
      ...change.reports,
    },
    faults: change.faults ?? { isEnabled: false, active: [], presets: [] },
    consoles: testZones.map((zone) => ({ zone, url: `http://127.0.0.1:1/${zone}` })),
  };
}
