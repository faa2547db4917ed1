// The picture of the region. To a screen reader it is one image with a sentence; the tables below say everything that it shows.
import { h, type JSX } from 'preact';
import { linesOf, mapWidth, sizes, zoneLeft, type MapLine } from './map-geometry.ts';
import { signs, type Tone } from './tones.ts';
import type { ShownService, ShownZone, View } from './view-model.ts';
import { rateText } from './wording.ts';

export function RegionMap({ view }: { readonly view: View }): JSX.Element {
  const { zones, edges } = view;
  const width = mapWidth(zones.length);
  const lines = linesOf(zones, edges);
  return h(
    'div',
    { class: 'map', role: 'region', 'aria-label': 'Map', tabIndex: 0 },
    h(
      'svg',
      {
        ...{ viewBox: `0 0 ${width} ${sizes.height}`, role: 'img' },
        'aria-label': `Map of the region. ${view.headline.text} The tables below say what it shows.`,
      },
      zones.map((zone, index) => h(ZoneCard, { key: zone.zone, zone, index })),
      lines.map((line) => h(Line, { key: line.key, line })),
      zones.map((zone, index) => h(ZoneBoxes, { key: zone.zone, zone, index })),
      lines.filter(({ label }) => label !== '').map((line) => h(Label, { key: line.key, line })),
    ),
  );
}

interface ZoneProps {
  readonly zone: ShownZone;
  readonly index: number;
}

function ZoneCard({ zone, index }: ZoneProps): JSX.Element {
  const { tone, drain, weight } = zone;
  const left = zoneLeft(index);
  const note =
    drain === undefined ? (weight < 1 ? `gets ${Math.round(weight * 100)} %` : '') : 'drained';
  return h(
    'g',
    { class: `zone ${tone}`, 'data-zone': zone.zone, 'data-state': zone.state },
    h('rect', {
      ...{ class: 'zone-card', x: left + 1, y: 1, rx: 12 },
      ...{ width: sizes.zoneWidth - 2, height: sizes.height - 2 },
    }),
    h('text', { class: 'zone-name', x: left + sizes.boxLeft, y: 34 }, zone.zone),
    h(
      'text',
      { class: 'zone-state', x: left + sizes.zoneWidth - sizes.boxLeft, y: 25 },
      `${signs[tone]} ${zone.state}`,
    ),
    h('text', { class: 'zone-note', x: left + sizes.zoneWidth - sizes.boxLeft, y: 45 }, note),
  );
}

function ZoneBoxes({ zone, index }: ZoneProps): JSX.Element {
  const left = zoneLeft(index) + sizes.boxLeft;
  const width = sizes.zoneWidth - 2 * sizes.boxLeft;
  // The longer name gets the larger part.
  const half = Math.round(width * 0.5);
  const service = (name: string): ShownService | undefined =>
    zone.services.find((entry) => entry.name === name);
  const box = (
    name: string,
    place: { readonly x?: number; readonly y: number; readonly width?: number },
    note = '',
  ): JSX.Element =>
    h(Box, {
      ...{ key: name, left: place.x ?? left, top: place.y, width: place.width ?? width },
      ...{ name, note, tone: service(name)?.tone ?? 'idle' },
    });
  const { acceptor } = zone;
  const middle = left + width / 2;
  return h(
    'g',
    null,
    [left + half / 2, left + width - half / 2].map((x) =>
      h('line', {
        ...{ key: x, class: 'inner', x1: middle + (x < middle ? -40 : 40), x2: x },
        ...{ y1: sizes.keyManagerTop + sizes.boxHeight, y2: sizes.innerTop },
      }),
    ),
    box('gateway', { y: sizes.gatewayTop }, `asks ${rateText(zone.askedPerSecond)}/s`),
    box('key-manager', { y: sizes.keyManagerTop }, `serves ${rateText(zone.servedPerSecond)}/s`),
    h(InnerBox, {
      ...{ key: 'crypto-worker', left, top: sizes.innerTop, width: half, name: 'crypto-worker' },
      ...toldOf(service('crypto-worker')),
    }),
    h(InnerBox, {
      ...{ key: 'acceptor', left: left + half + 8, top: sizes.innerTop, width: width - half - 8 },
      ...{ name: 'acceptor', note: acceptor.word, tone: acceptorTone(zone) },
    }),
    box('health-monitor', { y: sizes.monitorTop }),
  );
}

/** What key-managers say; where none can say, what the probe of its Redis found. */
function acceptorTone({ acceptor, services }: ShownZone): Tone {
  const probed = services.find(({ name }) => name === 'redis')?.tone ?? 'idle';
  return acceptor.tone === 'good' || acceptor.tone === 'idle' ? probed : acceptor.tone;
}

function toldOf(service: ShownService | undefined): Pick<BoxProps, 'note' | 'tone'> {
  return service === undefined
    ? { note: '', tone: 'idle' }
    : { note: service.word, tone: service.tone };
}

interface BoxProps {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly name: string;
  readonly note: string;
  readonly tone: Tone;
}

function Box({ left, top, width, name, note, tone }: BoxProps): JSX.Element {
  const baseline = top + sizes.boxHeight / 2 + 5;
  return h(
    'g',
    { class: `box ${tone}` },
    h('rect', { x: left, y: top, width, height: sizes.boxHeight, rx: 7 }),
    h('text', { class: 'box-sign', x: left + 11, y: baseline }, signs[tone]),
    h('text', { class: 'box-name', x: left + 28, y: baseline }, name),
    h('text', { class: 'box-note', x: left + width - 10, y: baseline }, note),
  );
}

/** Half as wide: its note stands below its name. */
function InnerBox({ left, top, width, name, note, tone }: BoxProps): JSX.Element {
  return h(
    'g',
    { class: `box ${tone}` },
    h('rect', { x: left, y: top, width, height: sizes.innerHeight, rx: 7 }),
    h('text', { class: 'box-sign', x: left + 9, y: top + 23 }, signs[tone]),
    h('text', { class: 'box-name', x: left + 25, y: top + 23 }, name),
    h('text', { class: 'box-below', x: left + 25, y: top + 42 }, note),
  );
}

function Line({ line }: { readonly line: MapLine }): JSX.Element {
  const { edge, path, width } = line;
  const flow = edge.perSecond > 0 ? 'flows' : 'rests';
  return h('path', {
    class: `edge ${edge.tone} ${flow}`,
    d: path,
    'stroke-width': width.toFixed(1),
  });
}

/** As wide as its text is about. */
const letterWidth = 7.2;

function Label({ line }: { readonly line: MapLine }): JSX.Element {
  const { edge, label, labelX, labelY } = line;
  const text = edge.tone === 'good' ? label : `${signs[edge.tone]} ${label}`;
  const width = text.length * letterWidth + 16;
  return h(
    'g',
    { class: `edge-label ${edge.tone}` },
    h('rect', { x: labelX - width / 2, y: labelY - 11, width, height: 22, rx: 11 }),
    h('text', { x: labelX, y: labelY + 4.5 }, text),
  );
}
