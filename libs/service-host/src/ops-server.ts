// The plain HTTP server on loopback that people, the launcher and Prometheus ask: /livez, /readyz, /metrics. Never secrets.
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import express from 'express';
import type { Metrics } from '@zonehold/telemetry';
import type { Clock } from '@zonehold/primitives';

/** Mesh reference C: alive means an event loop that lags less than this. Never a dependency. */
const lagMaxMs = 1_000;
/** Often enough to see a lag of 1 s, rarely enough to cost nothing. */
const lagProbeMs = 250;
/** Scrapers and people: more at once is a mistake. */
const connectionsMax = 64;

export interface OpsServer {
  readonly port: number;
  /** For further routes of the service, e.g. `/zones`; may be added while it listens. */
  readonly app: express.Express;
  close(): Promise<void>;
}

export interface OpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Sentences why this instance should not get traffic; empty when ready. */
  readonly reasons: () => readonly string[];
}

/** Starts to listen. Rejects when the port is taken. */
export async function startOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  const lag = watchLag(options.clock);
  const app = createOpsApp(options, lag.currentMs);
  const server = createServer(app);
  server.maxConnections = connectionsMax;
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    app,
    close: () =>
      new Promise((resolve) => {
        lag.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createOpsApp(options: OpsServerOptions, lagMs: () => number): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/livez', (_request, response) => {
    const isAlive = lagMs() < lagMaxMs;
    response.status(isAlive ? 200 : 503).json({ isAlive, eventLoopLagMs: Math.round(lagMs()) });
  });
  app.get('/readyz', (_request, response) => {
    const reasons = options.reasons();
    response
      .status(reasons.length === 0 ? 200 : 503)
      .json({ isReady: reasons.length === 0, reasons });
  });
  app.get('/metrics', async (_request, response) => {
    const text = await options.metrics.text();
    response.type(options.metrics.contentType).send(text);
  });
  return app;
}

/** How late the last timer came. After a stall the timer runs before the request that asks, so it sees the stall. */
function watchLag(clock: Clock): { currentMs: () => number; stop: () => void } {
  let lastMs = clock.monotonicMs();
  let lagMs = 0;
  const timer = setInterval(() => {
    const nowMs = clock.monotonicMs();
    lagMs = Math.max(0, nowMs - lastMs - lagProbeMs);
    lastMs = nowMs;
  }, lagProbeMs).unref();
  return { currentMs: () => lagMs, stop: () => clearInterval(timer) };
}
