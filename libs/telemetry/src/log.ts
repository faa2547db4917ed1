// JSON lines on stdout: an event name and fields; audit events among them, with a schema of their own. Not for metrics.
// Every field passes `redact`; one line per request at the edge, decisions inside (style 2.6).
import { pino, type DestinationStream, type Logger } from 'pino';
import type { AuditEvent } from './audit.ts';
import { redactFields } from './redact.ts';
import { currentTrace } from './trace-context.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type LogFields = Readonly<Record<string, unknown>>;

/** `event` is a name such as `circuit.opened`: dotted, lower case, never a sentence with values in it. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Written at every level but `silent`, with level `audit`. */
  audit(event: AuditEvent): void;
  /** A log that adds `fields` to every line. */
  child(fields: LogFields): Log;
}

export interface LogOptions {
  readonly service: string;
  readonly zone: string;
  readonly region: string;
  readonly level: LogLevel;
  /** Default: stdout, written in the background, a few KiB at a time; the rest soon after, and when the process exits. */
  readonly destination?: DestinationStream;
}

/**
 * A write per event-loop turn cost half of a request's line. Gathered until there is a page's worth or until the flush; what is
 * still waiting at an orderly or a fatal end is written by pino's exit handler. Only SIGKILL loses the last `periodicFlush` ms.
 */
const stdoutOptions = { dest: 1, sync: false, minLength: 4_096, periodicFlush: 100 } as const;

/** Above every level of pino's own: no setting but `silent` hides an audit event. */
const auditLevel = 70;

/**
 * The log of one process. Lines carry `time` (ISO), `level`, `service`, `zone`, `region`, `event`, and while a request with a
 * trace is served `traceId`, `spanId` and `parentSpanId`. Never throws.
 */
export function createLog(options: LogOptions): Log {
  const { service, zone, region, level } = options;
  const destination = options.destination ?? pino.destination(stdoutOptions);
  const logger = pino(
    {
      level,
      base: { service, zone, region },
      timestamp: pino.stdTimeFunctions.isoTime,
      customLevels: { audit: auditLevel },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(logger);
}

function wrap(logger: Logger<'audit'>): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields?: LogFields): void => {
      if (!logger.isLevelEnabled(level)) return;
      const trace = currentTrace();
      logger[level](
        fields === undefined ? { event, ...trace } : { event, ...redactFields(fields), ...trace },
      );
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    audit: (event) => logger.audit({ ...event, ...currentTrace() }),
    child: (fields) => wrap(logger.child(redactFields(fields))),
  };
}
