// The metrics of one process: typed families from the one table, Node's own process metrics, and the text for Prometheus.
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import {
  LabelledFamily,
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
} from './families.ts';
import { metricTable, type MetricTable } from './metric-table.ts';

interface Children {
  readonly counter: Counter;
  readonly gauge: Gauge;
  readonly histogram: Histogram;
}

type LabelsOf<Definition> = Definition extends { labels: infer Labels }
  ? {
      readonly [Name in keyof Labels]: Labels[Name] extends readonly (infer Value)[]
        ? Value
        : string;
    }
  : never;

/** One family per row of `metricTable`, under the row's name. */
export type MetricFamilies = {
  readonly [Name in keyof MetricTable]: Family<
    LabelsOf<MetricTable[Name]>,
    Children[MetricTable[Name]['type']]
  >;
};

export type Metrics = MetricFamilies & {
  /** The page for `GET /metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** Gauges of prom-client whose names end in `_total`, which promtool refuses; handles and requests are no signal of ours. */
const misnamedDefaults = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** How often Node looks at its own event loop: its default of 10 ms wakes ten idle processes a thousand times a second. */
const loopLagStepMs = 100;

/**
 * The metrics of one process. Each line carries `app`, `app_zone` and `region` (not `service` and `zone`: those name the
 * other side in `kms_mesh_*` and `kms_acceptor_*`).
 */
export function createMetrics(process: { service: string; zone: string; region: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({
    app: process.service,
    app_zone: process.zone,
    region: process.region,
  });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: loopLagStepMs });
  for (const name of misnamedDefaults) registry.removeSingleMetric(name);
  const families = Object.entries(metricTable).map(([name, definition]) => {
    const family = new LabelledFamily(definition);
    registry.registerMetric(family as unknown as Metric);
    return [name, family] as const;
  });
  return {
    ...(Object.fromEntries(families) as unknown as MetricFamilies),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
