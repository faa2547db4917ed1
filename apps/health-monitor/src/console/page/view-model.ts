// From what a monitor knows to what is shown: words, signs, tones, and which edges there are. Pure; the page's components only draw it.
import type { AcceptorsView, ConsoleState, EdgeView, RegionHealthReply } from '../state.ts';
import { quorumOf, type ShownQuorum } from './quorum-model.ts';
import { worstOf, type Tone } from './tones.ts';
import { percentText } from './wording.ts';

type HealthZone = RegionHealthReply['zones'][number];
export type Verdict = HealthZone['state'];

export interface ShownService {
  readonly name: string;
  readonly tone: Tone;
  /** What the latest probe found. */
  readonly word: string;
  readonly latencyMs: number | null;
  readonly reason: string;
}

export interface ShownZone {
  readonly zone: string;
  readonly state: Verdict;
  readonly tone: Tone;
  /** ISO time. */
  readonly since: string;
  readonly reasons: readonly string[];
  readonly services: readonly ShownService[];
  /** Its acceptor's standing as key-managers see it. */
  readonly acceptor: ShownService;
  /** 0 to 1. */
  readonly weight: number;
  readonly drain: HealthZone['drain'];
  /** Calls that its key-manager serves, and that its gateway makes. */
  readonly servedPerSecond: number;
  readonly askedPerSecond: number;
  readonly p99Ms: number | null;
  /** Who says what. */
  readonly votes: HealthZone['votes'];
}

export interface ShownEdge {
  readonly from: string;
  readonly to: string;
  readonly isOwnZone: boolean;
  /** False: the calling zone does not report. */
  readonly isKnown: boolean;
  readonly perSecond: number;
  /** Of the calls, 0 to 1. */
  readonly failedPart: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly tone: Tone;
  /** `circuit open`, `ejected`, …; empty when nothing is the matter. */
  readonly marks: readonly string[];
}

export interface Remark {
  readonly tone: Tone;
  readonly text: string;
}

export interface View {
  readonly headline: Remark;
  readonly remarks: readonly Remark[];
  readonly zones: readonly ShownZone[];
  /** From gateways to key-managers. */
  readonly edges: readonly ShownEdge[];
  /** From key-managers to crypto-workers. */
  readonly cryptoEdges: readonly ShownEdge[];
  readonly quorum: ShownQuorum;
}

export const toneOfVerdict: Readonly<Record<Verdict, Tone>> = {
  healthy: 'good',
  suspect: 'warn',
  down: 'bad',
  recovering: 'busy',
  unknown: 'idle',
};

/** What is probed, as people call it, in the order of a request's way. */
const shownServices = [
  'gateway',
  'key-manager',
  'crypto-worker',
  'redis',
  'health-monitor',
] as const;

/** From this part on failed calls colour their edge. */
const failedPartMin = 0.01;

export function viewOf(state: ConsoleState): View {
  const { health, reports } = state;
  const names = health.zones.map(({ zone }) => zone);
  const acceptors = Object.values(reports).flatMap((report) => report?.acceptors ?? []);
  const edges = edgesOf(names, (zone) => reports[zone]?.gateway?.edges);
  const quorum = quorumOf(names, acceptors);
  const zones = health.zones
    .map((zone) => zoneOf(zone, { health, edges, acceptors }))
    .map((zone) => withRebuild(zone, quorum));
  return {
    headline: headlineOf(health, zones),
    remarks: remarksOf(state, zones, quorum),
    ...{ zones, edges, quorum },
    cryptoEdges: edgesOf(names, (zone) => reports[zone]?.keyManager?.edges),
  };
}

function zoneOf(
  seen: HealthZone,
  facts: {
    readonly health: RegionHealthReply;
    readonly edges: readonly ShownEdge[];
    readonly acceptors: readonly AcceptorsView[];
  },
): ShownZone {
  const { zone, state, since, reasons, votes, drain } = seen;
  const served = facts.edges.filter((edge) => edge.to === zone);
  const asked = facts.edges.filter((edge) => edge.from === zone);
  const latencies = served.flatMap(({ p99Ms }) => (p99Ms === null ? [] : [p99Ms]));
  const sum = (edges: readonly ShownEdge[]): number =>
    edges.reduce((total, { perSecond }) => total + perSecond, 0);
  return {
    ...{ zone, state, since, reasons, votes, drain },
    tone: toneOfVerdict[state],
    services: shownServices.map((name) => serviceOf(name, seen.services[name])),
    acceptor: acceptorOf(zone, facts.acceptors),
    weight: facts.health.advice.weights[zone] ?? 1,
    ...{ servedPerSecond: sum(served), askedPerSecond: sum(asked) },
    p99Ms: latencies.length === 0 ? null : Math.max(...latencies),
  };
}

/** A rebuild says more than "learner". */
function withRebuild(zone: ShownZone, { rebuild }: ShownQuorum): ShownZone {
  if (rebuild?.zone !== zone.zone || rebuild.total === 0 || zone.acceptor.tone === 'good')
    return zone;
  const word = `rebuilt: ${percentText(rebuild.done / rebuild.total)}`;
  return { ...zone, acceptor: { ...zone.acceptor, tone: 'busy', word } };
}

function serviceOf(name: string, seen: HealthZone['services'][string] | undefined): ShownService {
  if (seen === undefined)
    return { name, tone: 'idle', word: 'not seen', latencyMs: null, reason: '' };
  const { ok, latencyMs, reason } = seen;
  return { name, tone: ok ? 'good' : 'bad', word: ok ? 'answers' : 'fails', latencyMs, reason };
}

/** What most key-managers say of a zone's acceptor; of equally many the worse. */
function acceptorOf(zone: string, acceptors: readonly AcceptorsView[]): ShownService {
  const said = acceptors.flatMap((view) =>
    'problem' in view ? [] : view.zones.filter((entry) => entry.zone === zone),
  );
  const name = 'acceptor';
  if (said.length === 0)
    return { name, tone: 'idle', word: 'unknown', latencyMs: null, reason: 'Nobody can say.' };
  const votes = said.filter(({ standing }) => standing === 'voter');
  const others = said.filter(({ standing }) => standing !== 'voter');
  const [other] = others;
  if (other === undefined || votes.length > others.length)
    return { name, tone: 'good', word: 'votes', latencyMs: null, reason: '' };
  const tone = other.standing === 'learner' ? 'busy' : 'bad';
  return { name, tone, word: other.standing, latencyMs: null, reason: other.reason };
}

function edgesOf(
  zones: readonly string[],
  edgesFrom: (zone: string) => readonly EdgeView[] | undefined,
): ShownEdge[] {
  return zones.flatMap((from) => {
    const edges = edgesFrom(from);
    return zones.map((to) =>
      edgeOf(
        from,
        to,
        edges?.find((edge) => edge.zone === to),
        edges !== undefined,
      ),
    );
  });
}

function edgeOf(
  from: string,
  to: string,
  edge: EdgeView | undefined,
  isReported: boolean,
): ShownEdge {
  const names = { from, to, isOwnZone: from === to };
  if (edge === undefined) {
    const nothing = { perSecond: 0, failedPart: 0, p50Ms: null, p99Ms: null, marks: [] };
    return { ...names, ...nothing, isKnown: false, tone: isReported ? 'bad' : 'idle' };
  }
  const { callsPerSecond: perSecond, failedPerSecond, p50Ms, p99Ms } = edge;
  const failedPart = perSecond === 0 ? 0 : failedPerSecond / perSecond;
  const found: readonly (readonly [boolean, Tone, string])[] = [
    [!edge.isLinkUp, 'bad', 'no link'],
    [edge.circuit === 'open', 'bad', 'circuit open'],
    [edge.ejected > 0, 'bad', 'ejected'],
    [edge.circuit === 'half-open', 'warn', 'half-open'],
    [failedPart >= failedPartMin, 'warn', `${percentText(failedPart)} fail`],
    [edge.spillShare > 0, 'warn', `${percentText(edge.spillShare)} sent elsewhere: slow`],
  ];
  const marks = found.filter(([isSo]) => isSo);
  return {
    ...{ ...names, isKnown: true, perSecond, failedPart, p50Ms, p99Ms },
    tone: worstOf(marks.map(([, tone]) => tone)),
    marks: marks.map(([, , text]) => text),
  };
}

function headlineOf(health: RegionHealthReply, zones: readonly ShownZone[]): Remark {
  if (health.isIsolated)
    return {
      tone: 'idle',
      text: 'This monitor is not in touch with most others and cannot tell how the zones are.',
    };
  const inState = (state: Verdict): readonly string[] =>
    zones.filter((zone) => zone.state === state).map(({ zone }) => zone);
  const states = ['down', 'suspect', 'recovering'] as const;
  const parts = states.flatMap((state) => {
    const names = inState(state);
    if (names.length === 0) return [];
    return [`${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} ${state}`];
  });
  if (parts.length === 0) return { tone: 'good', text: `All ${zones.length} zones are healthy.` };
  return { tone: worstOf(zones.map(({ tone }) => tone)), text: `${parts.join(', ')}.` };
}

function remarksOf(
  { health, faults, reports }: ConsoleState,
  zones: readonly ShownZone[],
  quorum: ShownQuorum,
): Remark[] {
  const panics = Object.entries(reports)
    .filter(([, report]) => report?.gateway?.isPanic === true)
    .map(([zone]) => zone);
  const drained = zones.filter(({ drain }) => drain !== undefined).map(({ zone }) => zone);
  const fallen = health.advice.isPanic && !health.isIsolated;
  return [
    ...(quorum.rebuild === null
      ? []
      : [
          {
            tone: 'busy' as const,
            text: `The acceptor of ${quorum.rebuild.zone} is rebuilt: ${quorum.rebuild.text}.`,
          },
        ]),
    ...(quorum.tone === 'good' ? [] : [{ tone: quorum.tone, text: quorum.sentence }]),
    ...(fallen
      ? [{ tone: 'warn' as const, text: 'Too few zones look well: all are served alike.' }]
      : []),
    ...panics.map((zone) => ({
      tone: 'warn' as const,
      text: `The gateway of ${zone} finds too few key-managers fit, and uses all.`,
    })),
    ...drained.map((zone) => ({ tone: 'warn' as const, text: `${zone} is drained by hand.` })),
    ...(faults.active.length === 0
      ? []
      : [{ tone: 'warn' as const, text: faultsText(faults.active.length) }]),
  ];
}

function faultsText(count: number): string {
  return count === 1 ? 'One fault is active.' : `${count} faults are active.`;
}
