// A simulated run as a picture: four panels over the same seconds. Pure; the same report gives the same bytes.
import { svgOf, topOf, whole, type Line, type Panel } from '../plot/svg-plot.ts';
import type { MeshReport } from './report.ts';
import type { Second } from './tally.ts';

/** The plot of one run. */
export function plotOf(report: MeshReport): string {
  const { scenario, seed, gateways, keyManagers, requestsPerSecond, zones, trouble } = report;
  return svgOf({
    heading: `${scenario}: ${gateways} gateways, ${keyManagers} key-managers, ${zones} zones, ${requestsPerSecond} requests/s, seed ${seed}`,
    caption: 'Grey: the time of trouble. Each second counts the requests that began in it.',
    seconds: report.seconds.length,
    trouble,
    panels: panelsOf(report),
  });
}

function panelsOf({ seconds, zones }: MeshReport): Panel[] {
  const line = (label: string, of: (second: Second) => number): Line => ({
    label,
    values: seconds.map(of),
  });
  const latencies = [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)];
  const rates = [
    line('asked', ({ requests }) => requests),
    line('served', ({ succeeded }) => succeeded),
  ];
  return [
    { title: 'Requests a second', lines: rates, top: topOf(rates), format: whole },
    { title: 'Latency, ms', lines: latencies, top: topOf(latencies), format: whole },
    {
      title: 'Attempts per request (at most 1.2)',
      lines: [line('attempts', ({ attemptsPerRequest }) => attemptsPerRequest)],
      top: 1.5,
      format: (value) => value.toFixed(2),
    },
    {
      title: 'Share of attempts by zone',
      lines: Array.from({ length: zones }, (_, zone) =>
        line(`zone ${zone}`, ({ zoneShares }) => zoneShares[zone] ?? 0),
      ),
      top: 1,
      format: (value) => `${whole(value * 100)} %`,
    },
  ];
}
