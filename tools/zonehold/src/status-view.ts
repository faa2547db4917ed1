// One picture of the region from what the launcher, the monitors and a key-manager say. Pure.
import type {
  AdminReplies,
  FinishedRebuildView,
  RebuildView,
  ZonesReply,
} from '@zonehold/api-contract';
import type { FaultRule } from '@zonehold/faults';
import type { ProcessView } from '@zonehold/launcher';
import type { DevControls } from '@zonehold/service-host';
import { faultRemarks } from './fault-view.ts';
import { devRemarks } from './dev-view.ts';
import { renderTable } from './output.ts';
import { lastRebuildSentence, rebuildSentence, redundancyWarning } from './rebuild-view.ts';

type MonitorState = ZonesReply['zones'][number]['state'];

/** What of a zone's acceptor a key-manager says; `unknown` when none could be asked. */
export interface AcceptorView {
  readonly standing: string;
  readonly reason: string;
}

export interface ZoneStatus {
  readonly zone: string;
  /** What most monitors say; `unknown` when none answers, or none can tell. */
  readonly state: MonitorState;
  readonly reasons: readonly string[];
  /** Each monitor's own word, by its zone. */
  readonly observers: Readonly<Record<string, MonitorState>>;
  /** While an operator keeps requests away from it. It is no less whole for that. */
  readonly drain?: { readonly reason: string; readonly endsAt: string };
  readonly acceptor: AcceptorView;
  readonly processes: readonly ProcessView[];
}

export interface RegionStatus {
  readonly region: string;
  readonly endpoint: string;
  readonly phase: string;
  readonly supervisorPid: number;
  /** Every zone healthy, every acceptor a voter, every process running. */
  readonly isWhole: boolean;
  /** Epoch of the configuration that the asked key-manager works under; null when none could be asked. */
  readonly epoch: number | null;
  /** The rebuild under way; null when there is none, or nobody knows. */
  readonly rebuild: RebuildView | null;
  readonly lastRebuild: FinishedRebuildView | null;
  /** Only of a development region. */
  readonly dev?: DevControls;
  /** Only of a region that was started with faults: those in force. */
  readonly faults?: readonly FaultRule[];
  readonly zones: readonly ZoneStatus[];
}

/** Worst first: with a tie the worse word counts. */
const gravity: readonly MonitorState[] = ['down', 'suspect', 'recovering', 'healthy', 'unknown'];

/** Puts the pieces together. */
export function buildStatus(facts: {
  readonly region: string;
  readonly endpoint: string;
  readonly phase: string;
  readonly supervisorPid: number;
  readonly zones: readonly string[];
  readonly processes: readonly ProcessView[];
  readonly monitors: readonly ZonesReply[];
  readonly acceptors: AdminReplies['zones'] | { readonly problem: string };
  readonly dev?: DevControls | undefined;
  readonly faults?: readonly FaultRule[] | undefined;
}): RegionStatus {
  const zones = facts.zones.map((zone): ZoneStatus => {
    const said = facts.monitors.flatMap(({ observer, zones: seen }) =>
      seen.filter((entry) => entry.zone === zone).map((entry) => ({ observer, ...entry })),
    );
    const state = commonest(said.map((entry) => entry.state));
    const reasons = said.filter((entry) => entry.state === state).flatMap((entry) => entry.reasons);
    const drain = drainOf(said);
    return {
      ...(drain === undefined ? {} : { drain }),
      zone,
      state: state ?? 'unknown',
      reasons: state === undefined ? ['No health-monitor answers.'] : [...new Set(reasons)],
      observers: Object.fromEntries(said.map((entry) => [entry.observer, entry.state])),
      acceptor: acceptorOf(zone, facts.acceptors),
      processes: facts.processes.filter((process) => process.zone === zone),
    };
  });
  const { region, endpoint, phase, supervisorPid, dev, faults } = facts;
  const { epoch, rebuild, lastRebuild } =
    'problem' in facts.acceptors ? noRebuilds : facts.acceptors;
  return {
    ...{ region, endpoint, phase, supervisorPid, isWhole: zones.every(isWhole) },
    ...{ epoch, rebuild, lastRebuild, zones },
    ...(dev === undefined ? {} : { dev }),
    ...(faults === undefined ? {} : { faults }),
  };
}

const noRebuilds = { epoch: null, rebuild: null, lastRebuild: null };

function isWhole({ state, acceptor, processes }: ZoneStatus): boolean {
  return (
    state === 'healthy' &&
    acceptor.standing === 'voter' &&
    processes.every((process) => process.state === 'running')
  );
}

/** A monitor that cannot tell does not count beside one that can. */
function commonest(states: readonly MonitorState[]): MonitorState | undefined {
  const telling = states.filter((state) => state !== 'unknown');
  const counted = telling.length > 0 ? telling : states;
  const votes = (state: MonitorState): number => counted.filter((other) => other === state).length;
  return gravity.filter((state) => votes(state) > 0).sort((a, b) => votes(b) - votes(a))[0];
}

/** Who is not in touch with the others may not have heard that it was lifted. */
function drainOf(said: ZonesReply['zones']): ZoneStatus['drain'] {
  const telling = said.filter(({ state }) => state !== 'unknown');
  return (telling.length > 0 ? telling : said).find(({ drain }) => drain !== undefined)?.drain;
}

function acceptorOf(
  zone: string,
  acceptors: AdminReplies['zones'] | { readonly problem: string },
): AcceptorView {
  if ('problem' in acceptors) return { standing: 'unknown', reason: acceptors.problem };
  const found = acceptors.zones.find((entry) => entry.zone === zone);
  return found === undefined
    ? { standing: 'unknown', reason: 'The key-manager does not know this zone.' }
    : { standing: found.standing, reason: found.reason };
}

/** For people: a line per zone and per process, then why something is not well. */
export function renderStatus(status: RegionStatus, nowMs: number): string {
  const zoneRows = status.zones.map(({ zone, state, acceptor, drain }) => [
    zone,
    drain === undefined ? state : `${state}, drained`,
    acceptor.standing,
  ]);
  const processRows = status.zones.flatMap(({ processes }) =>
    processes.map(({ zone, service, pid, state, restarts, ports }) => [
      zone,
      service,
      pid === null ? '-' : String(pid),
      state,
      String(restarts),
      Object.entries(ports)
        .map(([name, port]) => `${name} ${port}`)
        .join(', '),
    ]),
  );
  const remarks = [
    ...(status.dev === undefined ? [] : devRemarks(status.dev)),
    ...(status.faults === undefined ? [] : faultRemarks(status.faults, nowMs)),
    ...redundancyWarning(status.zones),
    ...(status.rebuild === null ? [] : [rebuildSentence(status.rebuild)]),
    ...status.zones.flatMap(remarksOf),
    ...(status.lastRebuild === null ? [] : [lastRebuildSentence(status.lastRebuild)]),
  ];
  return [
    `Region ${status.region} at ${status.endpoint}: ${status.isWhole ? 'whole' : 'not whole'} (${status.phase}, launcher ${status.supervisorPid})`,
    '',
    renderTable([['ZONE', 'STATE', 'ACCEPTOR'], ...zoneRows]),
    '',
    renderTable([['ZONE', 'SERVICE', 'PID', 'STATE', 'RESTARTS', 'PORTS'], ...processRows]),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
  ].join('\n');
}

function remarksOf({ zone, reasons, acceptor, processes, drain }: ZoneStatus): string[] {
  return [
    ...(drain === undefined ? [] : [`drained until ${drain.endsAt} (${drain.reason})`]),
    ...reasons,
    ...(acceptor.reason === '' ? [] : [`acceptor: ${acceptor.reason}`]),
    ...processes
      .filter(({ state }) => state !== 'running')
      .map(({ service, state, lastEnd }) =>
        lastEnd === null
          ? `${service} is ${state}.`
          : `${service} is ${state} (last end: ${lastEnd}).`,
      ),
  ].map((sentence) => `${zone}: ${sentence}`);
}
