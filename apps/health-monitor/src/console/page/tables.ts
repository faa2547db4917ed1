// The tables behind the map: zones, and edges.
import { h, type JSX } from 'preact';
import { Badge, Table } from './ui.ts';
import type { ShownEdge, ShownService, ShownZone } from './view-model.ts';
import { clockText, latencyText, percentText, rateText } from './wording.ts';

export function ZonesTable({ zones }: { readonly zones: readonly ShownZone[] }): JSX.Element {
  const rows = zones.map((zone) => ({
    key: zone.zone,
    cells: [
      zone.zone,
      h(Badge, { tone: zone.tone, word: zone.state }),
      clockText(zone.since),
      zone.drain === undefined ? percentText(zone.weight) : 'drained',
      h(Badge, { tone: zone.acceptor.tone, word: zone.acceptor.word }),
      votesText(zone),
      whyText(zone),
    ],
  }));
  return h(Table, {
    caption: 'Zones',
    heads: ['Zone', 'State', 'Since', 'Share', 'Acceptor', 'Monitors say', 'Why'],
    rows,
  });
}

function votesText({ votes }: ShownZone): string {
  const words = Object.values(votes);
  const counts = [...new Set(words)].map(
    (word) => `${words.filter((other) => other === word).length} ${word}`,
  );
  return counts.length === 0 ? 'nothing' : counts.join(', ');
}

function whyText({ reasons, services, acceptor }: ShownZone): JSX.Element | string {
  const sentences = [
    ...reasons,
    ...(acceptor.reason === '' ? [] : [`acceptor: ${acceptor.reason}`]),
  ];
  const failing = services.filter(isNews).map(({ name }) => name);
  if (sentences.length === 0)
    return failing.length === 0 ? '–' : `${failing.join(', ')} failed once`;
  return h(
    'ul',
    { class: 'why' },
    sentences.map((sentence) => h('li', { key: sentence }, sentence)),
  );
}

function isNews({ tone }: ShownService): boolean {
  return tone === 'bad';
}

export interface EdgesTableProps {
  readonly caption: string;
  readonly edges: readonly ShownEdge[];
}

export function EdgesTable({ caption, edges }: EdgesTableProps): JSX.Element {
  const rows = edges.map((edge) => ({
    key: `${edge.from} ${edge.to}`,
    cells: [edge.from, edge.to, ...(edge.isKnown ? numbersOf(edge) : unknown(edge))],
  }));
  return h(Table, {
    caption,
    heads: ['From', 'To', 'Calls/s', 'Failed', 'p50', 'p99', 'State'],
    rows,
  });
}

function numbersOf(edge: ShownEdge): (string | JSX.Element)[] {
  return [
    rateText(edge.perSecond),
    percentText(edge.failedPart),
    latencyText(edge.p50Ms),
    latencyText(edge.p99Ms),
    h(Badge, { tone: edge.tone, word: edge.marks.length === 0 ? 'fine' : edge.marks.join(', ') }),
  ];
}

function unknown({ tone }: ShownEdge): (string | JSX.Element)[] {
  const word = tone === 'bad' ? 'never met' : 'no report';
  return ['–', '–', '–', '–', h(Badge, { tone, word })];
}
