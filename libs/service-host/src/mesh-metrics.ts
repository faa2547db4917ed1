// Joins the mesh's events to metrics and log: neither lib imports the other. Rare events get a log line, calls only numbers.
import type {
  CallCode,
  CircuitState,
  MeshObserver,
  ServiceIdentity,
  ServiceName,
} from '@zonehold/mesh';
import type { Counter, Histogram, Log, Metrics } from '@zonehold/telemetry';

const circuitNumbers: Readonly<Record<CircuitState, number>> = {
  closed: 0,
  'half-open': 1,
  open: 2,
};

/** The observer for `createMeshClient` and `startFrameServer` of one process. */
export function meshMetrics(metrics: Metrics, self: ServiceIdentity, log: Log): MeshObserver {
  const client = new RouteCells(metrics, 'client', self);
  const server = new RouteCells(metrics, 'server', self);
  const ejections = new Ejections(metrics);
  const crossZone = new Map<ServiceName, Counter>();
  return {
    attemptEnded: (service, zone, method, code, durationMs) => {
      client.count(service, zone, method, code, durationMs);
      if (zone === self.zone) return;
      const counter = crossZone.get(service) ?? metrics.meshCrossZone.of({ service });
      crossZone.set(service, counter);
      counter.inc();
    },
    retried: (_service, code) => metrics.meshRetries.of({ reason: code }).inc(),
    retryBudgetExhausted: () => metrics.meshRetryBudgetExhausted.of({}).inc(),
    panicked: (service) => metrics.meshPanic.of({ service }).inc(),
    bulkheadFull: (service, zone) => metrics.meshBulkheadFull.of({ service, zone }).inc(),
    circuitChanged: (service, zone, state) => {
      metrics.meshBreakerState.of({ service, zone }).set(circuitNumbers[state]);
      ejections.circuit(service, zone, state);
      log.info(`circuit.${state}`, { peerService: service, peerZone: zone });
    },
    linkChanged: (service, zone, state, reason) => {
      metrics.meshLinkUp.of({ service, zone }).set(state === 'up' ? 1 : 0);
      ejections.link(service, zone, state === 'up');
      log.info(`link.${state}`, { peerService: service, peerZone: zone, reason });
    },
    ejected: (service, zone, reason, lastsMs) => {
      metrics.meshEjections.of({ service, zone, reason }).inc();
      ejections.ejected(service, zone, 1);
      log.info('endpoint.ejected', { peerService: service, peerZone: zone, reason, lastsMs });
    },
    ejectionCapped: (service, zone, reason) => {
      metrics.meshEjections.of({ service, zone, reason: 'capped' }).inc();
      log.info('endpoint.ejection-capped', { peerService: service, peerZone: zone, reason });
    },
    returned: (service, zone, reason) => {
      if (reason === 'ejection-over') ejections.ejected(service, zone, -1);
      log.info('endpoint.returned', { peerService: service, peerZone: zone, reason });
    },
    endpointsChanged: (service, added, removed) =>
      log.info('mesh.endpoints', { peerService: service, added, removed }),
    latencySpillChanged: (service, zone, share) => {
      metrics.meshLatencySpill.of({ service, zone }).set(share);
      log.info('zone.latency-spill', { peerService: service, peerZone: zone, share });
    },
    panicChanged: (service, isPanic) =>
      log.info(isPanic ? 'mesh.panic' : 'mesh.calm', { peerService: service }),
    drained: (service, zone) => log.info('zone.drained', { peerService: service, peerZone: zone }),
    drainSetAside: (service, zone) =>
      log.info('zone.drain-set-aside', { peerService: service, peerZone: zone }),
    served: (peer, method, code, durationMs) => {
      server.count(self.service, peer.zone, method, code, durationMs);
    },
    peerRefused: (reason, detail) => {
      metrics.meshPeersRefused.of({ reason }).inc();
      log.warn('peer.refused', { reason, detail });
    },
    shed: (reason) => metrics.meshShed.of({ reason }).inc(),
    handlerFailed: (method, correlationId, error) =>
      log.error('call.failed', { method, correlationId, error }),
  };
}

interface RouteCell {
  readonly service: string;
  readonly zone: string;
  readonly duration: Histogram;
  readonly byCode: Map<CallCode, Counter>;
}

/** The numbers of each route, found without building a string: calls pass here on the hot path. */
class RouteCells {
  readonly #metrics: Metrics;
  readonly #reporter: 'client' | 'server';
  readonly #self: ServiceIdentity;
  readonly #byMethod = new Map<string, RouteCell[]>();

  constructor(metrics: Metrics, reporter: 'client' | 'server', self: ServiceIdentity) {
    this.#metrics = metrics;
    this.#reporter = reporter;
    this.#self = self;
  }

  /** `zone` is the other side's. */
  count(service: string, zone: string, method: string, code: CallCode, durationMs: number): void {
    const cell = this.#cellOf(service, zone, method);
    cell.duration.observe(durationMs / 1_000);
    const counter = cell.byCode.get(code) ?? this.#addCode(cell, method, code);
    counter.inc();
  }

  #cellOf(service: string, zone: string, method: string): RouteCell {
    const cells = this.#byMethod.get(method) ?? [];
    for (const cell of cells) if (cell.zone === zone && cell.service === service) return cell;
    const duration = this.#metrics.meshRequestDuration.of({
      reporter: this.#reporter,
      dst_zone: this.#reporter === 'client' ? zone : this.#self.zone,
      service,
      route: method,
    });
    const cell: RouteCell = { service, zone, duration, byCode: new Map() };
    this.#byMethod.set(method, [...cells, cell]);
    return cell;
  }

  #addCode(cell: RouteCell, method: string, code: CallCode): Counter {
    const isClient = this.#reporter === 'client';
    const counter = this.#metrics.meshRequests.of({
      reporter: this.#reporter,
      src_zone: isClient ? this.#self.zone : cell.zone,
      dst_zone: isClient ? cell.zone : this.#self.zone,
      service: cell.service,
      route: method,
      code,
      classification: classificationOf(code),
    });
    cell.byCode.set(code, counter);
    return counter;
  }
}

/** Callers who left are no failures of whom they called. */
function classificationOf(code: CallCode): 'success' | 'failure' | 'cancelled' {
  if (code === 'OK') return 'success';
  return code === 'CANCELLED' ? 'cancelled' : 'failure';
}

interface Standing {
  readonly isLinkUp: boolean;
  readonly circuit: CircuitState;
  readonly ejected: number;
}

const sound: Standing = { isLinkUp: true, circuit: 'closed', ejected: 0 };

/**
 * A zone is routed around while its circuit is open, its link is down, or an endpoint in it is ejected. A half-open circuit takes the next call, and
 * in a quiet region waits for it long.
 */
class Ejections {
  readonly #metrics: Metrics;
  readonly #states = new Map<string, Standing>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  circuit(service: ServiceName, zone: string, circuit: CircuitState): void {
    this.#show(service, zone, (before) => ({ ...before, circuit }));
  }

  link(service: ServiceName, zone: string, isLinkUp: boolean): void {
    this.#show(service, zone, (before) => ({ ...before, isLinkUp }));
  }

  ejected(service: ServiceName, zone: string, more: 1 | -1): void {
    this.#show(service, zone, (before) => ({ ...before, ejected: before.ejected + more }));
  }

  #show(service: ServiceName, zone: string, change: (before: Standing) => Standing): void {
    const state = change(this.#states.get(`${service} ${zone}`) ?? sound);
    this.#states.set(`${service} ${zone}`, state);
    const isEjected = !state.isLinkUp || state.circuit === 'open' || state.ejected > 0;
    this.#metrics.meshEjectionsActive.of({ zone, service }).set(isEjected ? 1 : 0);
  }
}
