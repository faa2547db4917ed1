// A report as a page for people, in the order of a drill: what was expected, what was normal, what was done, what was seen. Pure.
import { brokenOf, promiseText, type JudgedPromise } from './promises.ts';
import type { ScenarioReport } from './report.ts';
import type { Second } from './seconds.ts';

const decisionsShownMax = 60;

/** Markdown; `plot` is the file name of the picture beside it. */
export function pageOf(report: ScenarioReport, plot: string): string {
  const broken = brokenOf(report.promises);
  const { parameters, machine } = report;
  return `${[
    `# Drill: ${report.scenario}`,
    `${report.title}. **${broken.length === 0 ? 'Every promise was kept.' : `${broken.length} promises were broken.`}**`,
    [
      `Started ${report.startedAt} at commit ${report.commit}, region ${parameters.region}, zone ${parameters.zone},`,
      `${parameters.requestsPerSecond} requests a second, times scaled by ${parameters.scale}.`,
      `${machine.cores} cores, load average ${machine.loadAverageBefore} before and ${machine.loadAverageAfter} after, Node ${machine.node}.`,
    ].join('\n'),
    '## Hypothesis',
    report.hypothesis,
    '## Steady state',
    steadyState(report),
    '## The fault',
    faults(report),
    '## Observed',
    observed(report),
    `![Success, latency, attempts, ejections and verdicts, second by second](${plot})`,
    '## Promises',
    promises(report.promises),
    '## Decisions',
    decisions(report),
    '## Surprises',
    surprises(report),
    '## Second by second',
    secondTable(report.seconds),
  ].join('\n\n')}\n`;
}

function steadyState({ findings }: ScenarioReport): string {
  const { quiet, trouble } = findings;
  return `Before the trouble, ${trouble[0]} s long: p50 ${quiet.p50Ms} ms, p99 ${quiet.p99Ms} ms. Every process ran, every link was up, every acceptor took part.`;
}

function faults({ steps, startedAt }: ScenarioReport): string {
  const zeroMs = Date.parse(startedAt);
  const at = (ms: number): string => new Date(zeroMs + ms).toISOString().slice(11, 23);
  return table(
    ['from', 'to', 'what'],
    steps.map(({ what, startedMs, endedMs }) => [at(startedMs), at(endedMs), what]),
  );
}

function observed({ findings }: ScenarioReport): string {
  const after = (noticed: { afterS: number; what: string } | null): string =>
    noticed === null ? 'never' : `after ${noticed.afterS} s (${noticed.what})`;
  const { recoveredAfterS, afterDetection } = findings;
  const reasons = Object.entries(findings.failures).map(([reason, count]) => `${reason} ${count}`);
  const rows = [
    [
      'requests, of them failed',
      `${findings.requests}, ${findings.failed}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`,
    ],
    [
      'attempts per request, worst five seconds',
      `${findings.attemptsPerRequest}, ${findings.attemptsPerRequestWorst}`,
    ],
    ['routed around by a gateway', after(findings.detection)],
    ['ejected by a gateway', after(findings.ejection)],
    ['called down by the monitors', after(findings.verdictDown)],
    [
      'latency in the trouble, from its detection where one is promised',
      afterDetection === null
        ? 'nothing was answered'
        : `p50 ${afterDetection.p50Ms} ms, p99 ${afterDetection.p99Ms} ms (${findings.p99TimesQuiet ?? '?'} times quiet)`,
    ],
    [
      'all well again',
      recoveredAfterS === null
        ? 'not within the run'
        : `${recoveredAfterS} s after the end of the trouble`,
    ],
    ['ejections, attempts in panic', `${findings.ejections}, ${findings.panics}`],
    [
      'attempts by zone in the trouble',
      Object.entries(findings.zoneShares)
        .map(([zone, share]) => `${zone} ${(share * 100).toFixed(1)} %`)
        .join(', '),
    ],
    ['acknowledged keys, of them lost (RPO)', `${findings.keys}, ${findings.keysLost}`],
  ];
  return table(['what', 'figure'], rows);
}

function promises(judged: readonly JudgedPromise[]): string {
  const verdict = ({ isKept, isBinding }: JudgedPromise): string =>
    `${isKept ? 'kept' : 'BROKEN'}${isBinding ? '' : ' (not binding here)'}`;
  return table(
    ['promise', 'class', 'verdict'],
    judged.map((promise) => [promiseText(promise), promise.class, verdict(promise)]),
  );
}

function decisions({ decisions: all, verdictChanges, parameters }: ScenarioReport): string {
  const rows = [
    ...all.map((decision) => ({
      atMs: decision.atMs,
      who: `${decision.service} ${decision.zone}`,
      what: [
        decision.kind,
        decision.peerService,
        decision.peerZone ?? '',
        decision.reason ?? '',
        decision.lastsMs === undefined ? '' : `for ${Math.round(decision.lastsMs)} ms`,
      ]
        .filter((part) => part !== '')
        .join(' '),
    })),
    ...verdictChanges.map((change) => ({
      atMs: change.atMs,
      who: `monitor ${change.observer}`,
      what: `${change.zone}: ${change.from} → ${change.to}`,
    })),
  ].toSorted((left, right) => left.atMs - right.atMs);
  if (rows.length === 0) return `Nobody in ${parameters.region} decided anything.`;
  const shown = rows.slice(0, decisionsShownMax);
  const rest = rows.length - shown.length;
  const shownTable = table(
    ['second', 'who', 'what'],
    shown.map(({ atMs, who, what }) => [(atMs / 1_000).toFixed(3), who, what]),
  );
  return rest === 0 ? shownTable : `${shownTable}\n\n${rest} more are in the JSON.`;
}

function surprises({ surprises: sentences }: ScenarioReport): string {
  const known = sentences.map((sentence) => `- ${sentence}`);
  return [...known, '- For whoever looked on: what did nobody expect, and who follows it up?'].join(
    '\n',
  );
}

function secondTable(seconds: readonly Second[]): string {
  return table(
    [
      'second',
      'requests',
      'failed',
      'p50 ms',
      'p99 ms',
      'attempts per request',
      'ejections',
      'circuits open',
      'in panic',
    ],
    seconds.map((second) => [
      String(second.second),
      String(second.requests),
      String(second.failed),
      second.p50Ms.toFixed(1),
      second.p99Ms.toFixed(1),
      second.attemptsPerRequest.toFixed(2),
      whole(second.ejections),
      String(second.openCircuits),
      whole(second.panics),
    ]),
  );
}

function whole(value: number): string {
  return String(Math.round(value));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
