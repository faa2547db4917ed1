// The listeners of one gateway: the zone's own port, the regional port, and the private endpoint where the zone has one. Which
// address and port each has is the topology's to say; whom to believe about clients, the settings'.
import { readFileSync } from 'node:fs';
import { privateListenerOf, type Topology } from '@zonehold/service-host';
import type { Metrics } from '@zonehold/telemetry';
import type { ClientOrigins, TrustedProxies } from './client-origin.ts';
import type { GatewaySettings } from './config.ts';
import { Edge, type RequestListener } from './edge.ts';

export interface EdgesOptions {
  readonly settings: Pick<GatewaySettings, 'zone' | 'edge'>;
  readonly topology: Topology;
  readonly metrics: Metrics;
  readonly listener: RequestListener;
  readonly proxies: TrustedProxies;
  readonly origins: ClientOrigins;
}

export class Edges {
  readonly #topology: Topology;
  readonly #zoneName: string;
  readonly #zone: Edge;
  readonly #regional: Edge;
  readonly #private: Edge;

  constructor({ settings, topology, metrics, ...shared }: EdgesOptions) {
    const { edge } = settings;
    const cert = readFileSync(edge.certPath, 'utf8');
    const key = readFileSync(edge.keyPath, 'utf8');
    const edgeOf = (name: 'regional' | 'zone' | 'private'): Edge => {
      const connections = metrics.edgeConnections.of({ listener: name });
      return new Edge({
        ...{ cert, key, ...shared },
        network: name === 'private' ? 'private' : 'public',
        // The zone's own port is for health checks and for people, who come themselves.
        addressFrom: name === 'zone' ? 'socket' : edge[name].clientAddressFrom,
        onConnections: (count) => connections.set(count),
        onProxyRefused: (reason) => metrics.edgeProxyRefused.of({ reason }).inc(),
      });
    };
    this.#topology = topology;
    this.#zoneName = settings.zone;
    this.#zone = edgeOf('zone');
    this.#regional = edgeOf('regional');
    this.#private = edgeOf('private');
  }

  /** The zone's own port. Rejects when it is taken. */
  async listenForZone(host: string, port: number): Promise<void> {
    await this.#zone.listen({ host, port, isShared: false });
  }

  /** The endpoints of the region, once requests can be served. */
  async listenForClients(host: string): Promise<void> {
    await this.#regional.listen({ host, port: this.#topology.regionalPort, isShared: true });
    const own = privateListenerOf(this.#topology, this.#zoneName);
    if (own !== undefined) await this.#private.listen({ ...own, isShared: true });
  }

  /** Ends all of them in order (`Edge.drain`). */
  async drain(): Promise<void> {
    await Promise.all([this.#regional, this.#zone, this.#private].map((edge) => edge.drain()));
  }
}
