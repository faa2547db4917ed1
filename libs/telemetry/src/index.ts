export type { AuditEvent, ErasureDone, EventAcknowledged } from './audit.ts';
export type { Counter, Family, Gauge, Histogram } from './families.ts';
export {
  createLog,
  logLevels,
  type Log,
  type LogFields,
  type LogLevel,
  type LogOptions,
} from './log.ts';
export { durationBuckets, metricTable } from './metric-table.ts';
export { createMetrics, type MetricFamilies, type Metrics } from './metrics.ts';
export { redact, redactFields, secretFieldNames } from './redact.ts';
export {
  currentTrace,
  readTraceparent,
  Traces,
  type TraceFields,
  type TraceParent,
} from './trace-context.ts';
