// A run as a picture: what the load met, second by second, and what the region decided. Pure.
import { svgOf, topOf, whole, type Line, type Panel } from '@zonehold/testkit/svg-plot';
import type { ScenarioReport } from './report.ts';
import type { Second } from './seconds.ts';

/** How bad each verdict is, for a line that goes up when things get worse. */
const badness: Readonly<Record<string, number>> = {
  healthy: 0,
  recovering: 1,
  suspect: 2,
  down: 3,
  unknown: 4,
};
const verdictTexts: Readonly<Record<number, string>> = { 0: 'healthy', 2: 'suspect', 4: 'unknown' };

export function plotOf(report: ScenarioReport): string {
  const { scenario, parameters, findings, seconds, startedAt } = report;
  return svgOf({
    heading: `${scenario}: ${parameters.requestsPerSecond} requests/s, ${parameters.zone}, ${startedAt}`,
    caption: 'Grey: the time of trouble. Each second counts the requests that began in it.',
    seconds: seconds.length,
    trouble: findings.trouble,
    panels: panelsOf(seconds, parameters.zones),
  });
}

function panelsOf(seconds: readonly Second[], zones: readonly string[]): Panel[] {
  const line = (label: string, of: (second: Second) => number): Line => ({
    label,
    values: seconds.map(of),
  });
  const scaled = (title: string, lines: readonly Line[]): Panel => ({
    ...{ title, lines, top: topOf(lines), format: whole },
  });
  return [
    {
      title: 'Success rate',
      lines: [line('succeeded', ({ successRatio }) => successRatio)],
      ...{ top: 1, format: (value) => `${whole(value * 100)} %` },
    },
    scaled('Latency, ms', [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)]),
    {
      title: 'Attempts per request (at most 1.2 over any five seconds)',
      lines: [line('attempts', ({ attemptsPerRequest }) => attemptsPerRequest)],
      ...{ top: 2, format: (value) => value.toFixed(1) },
    },
    scaled(
      'Attempts on key-managers by zone',
      zones.map((zone) => line(zone, ({ attemptsByZone }) => attemptsByZone[zone] ?? 0)),
    ),
    scaled('Ejections, open circuits, attempts in panic', [
      line('ejections', ({ ejections }) => ejections),
      line('circuits', ({ openCircuits }) => openCircuits),
      line('in panic', ({ panics }) => panics),
    ]),
    {
      title: "The monitors' verdict (healthy, recovering, suspect, down, unknown)",
      lines: zones.map((zone) =>
        line(zone, ({ verdicts }) => badness[verdicts[zone] ?? 'unknown'] ?? 0),
      ),
      ...{ top: 4, format: (value) => verdictTexts[value] ?? '' },
    },
  ];
}
