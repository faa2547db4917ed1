// The last minutes, zone by zone: calls served, and how long they took. Lines differ in colour and in dash.
import { h, type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Sample, ZoneSample } from '../state.ts';
import { themeChanged } from './theme.ts';
import { Section } from './ui.ts';
import { latencyText, rateText } from './wording.ts';

interface Measure {
  readonly title: string;
  readonly of: (sample: ZoneSample) => number | null;
  readonly text: (value: number | null) => string;
}

const measures: readonly Measure[] = [
  {
    title: 'Calls served per second',
    of: ({ perSecond }) => perSecond,
    text: (value) => (value === null ? '–' : rateText(value)),
  },
  { title: 'Latency p50', of: ({ p50Ms }) => p50Ms, text: latencyText },
  { title: 'Latency p99', of: ({ p99Ms }) => p99Ms, text: latencyText },
];

const heightPx = 190;
/** A page that was just opened on a young region shows a line, not a dot. */
const spanMinS = 60;
/** In CSS pixels; solid, dashed, dotted, and so on. */
const dashes: readonly number[][] = [[], [8, 4], [2, 3]];
/** The same for the legend. */
const borders = ['solid', 'dashed', 'dotted'] as const;

export interface ChartsProps {
  readonly zones: readonly string[];
  readonly samples: readonly Sample[];
}

export function Charts({ zones, samples }: ChartsProps): JSX.Element {
  const children = measures.map((measure) =>
    h(Chart, { key: `${measure.title} ${zones.join(' ')}`, measure, zones, samples }),
  );
  return h(Section, {
    id: 'charts',
    title: 'Last minutes',
    children: h('div', { class: 'charts' }, children),
  });
}

interface ChartProps extends ChartsProps {
  readonly measure: Measure;
}

function Chart({ measure, zones, samples }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [paint, setPaint] = useState(0);
  useEffect(() => {
    const repaint = (): void => setPaint((before) => before + 1);
    addEventListener(themeChanged, repaint);
    return () => removeEventListener(themeChanged, repaint);
  }, []);
  // Made anew with the theme: a legend is painted only once.
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const data = dataOf(measure, zones, samples);
    const made = new uPlot(optionsOf(measure, zones, current.clientWidth), data, current);
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: current.clientWidth, height: heightPx }),
    );
    resized.observe(current);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [paint]);
  useEffect(() => plot.current?.setData(dataOf(measure, zones, samples)), [samples]);
  const latest = samples.at(-1);
  const now = zones.map((zone) => {
    const sample = latest?.zones[zone];
    return `${zone} ${measure.text(sample === undefined ? null : measure.of(sample))}`;
  });
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, measure.title),
    h('div', {
      ref: place,
      role: 'img',
      'aria-label': `${measure.title}. Now: ${now.join(', ')}.`,
    }),
  );
}

function dataOf(
  measure: Measure,
  zones: readonly string[],
  samples: readonly Sample[],
): uPlot.AlignedData {
  return [
    samples.map(({ atS }) => atS),
    ...zones.map((zone) =>
      samples.map((sample) => {
        const found = sample.zones[zone];
        return found === undefined ? null : measure.of(found);
      }),
    ),
  ];
}

function optionsOf(measure: Measure, zones: readonly string[], width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => colour('--quiet'),
    grid: { stroke: () => colour('--line'), width: 1 },
    ticks: { stroke: () => colour('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    ...{ width, height: heightPx },
    cursor: { drag: { x: false, y: false } },
    legend: {
      live: false,
      markers: {
        width: 2,
        dash: (_plot, series) => borders[(series - 1) % borders.length] ?? 'solid',
      },
    },
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - spanMinS), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(max * 1.15, 1)] },
    },
    axes: [
      { ...axis, space: 90, values: (_plot, splits) => splits.map(timeText) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map((value) => measure.text(value)) },
    ],
    series: [
      {
        label: 'Time',
        value: (_plot, value) => ((value as number | null) === null ? '' : timeText(value)),
      },
      ...zones.map((zone, index) => seriesOf(measure, zone, index)),
    ],
  };
}

function seriesOf(measure: Measure, zone: string, index: number): uPlot.Series {
  return {
    label: zone,
    stroke: () => colour(`--series-${(index % 3) + 1}`),
    width: 2,
    dash: dashes[index % dashes.length] ?? [],
    points: { show: false },
    value: (_plot, value) => measure.text(value),
  };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString('en-GB');
}

/** Canvas knows no style sheets: the colour of the theme in force, looked up when something is painted. */
function colour(name: string): string {
  return getComputedStyle(document.body).getPropertyValue(name);
}
