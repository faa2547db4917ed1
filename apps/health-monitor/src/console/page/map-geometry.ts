// Where things stand on the map: a column for each zone, gateways above key-managers, lines between them. Pure.
import type { ShownEdge, ShownZone } from './view-model.ts';
import { latencyText, rateText } from './wording.ts';

export const sizes = {
  zoneWidth: 290,
  gap: 20,
  height: 420,
  boxLeft: 14,
  boxHeight: 44,
  innerHeight: 54,
  gatewayTop: 62,
  keyManagerTop: 232,
  innerTop: 292,
  monitorTop: 362,
} as const;

export interface MapLine {
  readonly key: string;
  readonly edge: ShownEdge;
  readonly path: string;
  readonly width: number;
  /** Empty when there is nothing to say. */
  readonly label: string;
  readonly labelX: number;
  readonly labelY: number;
}

export function mapWidth(zones: number): number {
  return zones * sizes.zoneWidth + (zones - 1) * sizes.gap;
}

export function zoneLeft(index: number): number {
  return index * (sizes.zoneWidth + sizes.gap);
}

/** All edges, those with something to say last: they are painted above the others. */
export function linesOf(zones: readonly ShownZone[], edges: readonly ShownEdge[]): MapLine[] {
  const names = zones.map(({ zone }) => zone);
  const busiest = Math.max(1, ...edges.map(({ perSecond }) => perSecond));
  return edges
    .map((edge) => lineOf(edge, names.indexOf(edge.from), names.indexOf(edge.to), busiest))
    .toSorted((left, right) => Number(left.label !== '') - Number(right.label !== ''));
}

const widthMin = 1.5;
const widthMore = 5;

function lineOf(edge: ShownEdge, from: number, to: number, busiest: number): MapLine {
  const middle = (index: number): number => zoneLeft(index) + sizes.zoneWidth / 2;
  // Lines of different zones arrive beside each other.
  const spread = (to - from) * 16;
  const [x1, y1] = [middle(from) + spread, sizes.gatewayTop + sizes.boxHeight];
  const [x2, y2] = [middle(to) - spread, sizes.keyManagerTop];
  const bend = (y2 - y1) * 0.5;
  const at = labelAt(Math.abs(to - from));
  const label = labelOf(edge);
  return {
    key: `${edge.from} ${edge.to}`,
    edge,
    path: `M ${x1} ${y1} C ${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`,
    width: widthMin + widthMore * Math.sqrt(edge.perSecond / busiest),
    label,
    labelX: x1 + (x2 - x1) * at * at * (3 - 2 * at),
    labelY: bezier(y1, y1 + bend, y2 - bend, y2, at),
  };
}

/** How far along its line a label stands: of the own zone low, of others near the gateway that calls, so that no two meet. */
function labelAt(distance: number): number {
  if (distance === 0) return 0.72;
  return distance === 1 ? 0.2 : 0.42;
}

function bezier(p0: number, p1: number, p2: number, p3: number, t: number): number {
  const u = 1 - t;
  return u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t * t * t * p3;
}

function labelOf({ isKnown, isOwnZone, marks, perSecond, p99Ms, tone }: ShownEdge): string {
  const [mark] = marks;
  if (mark !== undefined) return tone === 'bad' ? mark : `${rateText(perSecond)}/s, ${mark}`;
  if (!isKnown || perSecond === 0) return '';
  return isOwnZone
    ? `${rateText(perSecond)}/s · ${latencyText(p99Ms)}`
    : `${rateText(perSecond)}/s`;
}
