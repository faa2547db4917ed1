// For tests only: certificates, servers and clients of small regions on loopback, over real TLS.
import { createAuthority, issueCertificate, type CertificateAndKey } from '@zonehold/pki';
import { Deadline, systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { createMeshClient, type MeshClientOptions, type WatchableMeshClient } from './call.ts';
import { startFrameServer, type FrameServer, type FrameServerOptions } from './frame-server.ts';
import type { Endpoint, FrameMethod, ServiceIdentity, TlsIdentity } from './ports.ts';

export const zones = ['south-1', 'south-2', 'south-3'] as const;

/** One region with its own authority. `clusterId` may differ from the authority's other certificates. */
export class TestRegion {
  readonly region: string;
  readonly clusterId: string;
  readonly authority: CertificateAndKey;
  readonly #open: { close(): Promise<void> }[] = [];

  constructor(region: string, clusterId: string, authority: CertificateAndKey) {
    this.region = region;
    this.clusterId = clusterId;
    this.authority = authority;
  }

  static async create(region = 'south', clusterId = 'cluster-1'): Promise<TestRegion> {
    return new TestRegion(region, clusterId, await createAuthority(region, { clock, random }));
  }

  self(service: ServiceIdentity['service'], zone: string = zones[0]): ServiceIdentity {
    return { clusterId: this.clusterId, region: this.region, zone, service };
  }

  async tls(self: ServiceIdentity): Promise<TlsIdentity> {
    const { certPem, keyPem } = await issueCertificate(this.authority, self, { clock, random });
    return { ca: this.authority.certPem, cert: certPem, key: keyPem };
  }

  /** A key-manager (unless said otherwise) of `zone`, listening. */
  async serve(
    zone: string,
    methods: Readonly<Record<string, FrameMethod>>,
    more: Partial<FrameServerOptions> = {},
  ): Promise<FrameServer> {
    const self = this.self('key-manager', zone);
    const tls = await this.tls(self);
    const server = await startFrameServer({
      self,
      host: '127.0.0.1',
      port: 0,
      tls,
      methods,
      clock,
      ...more,
    });
    this.#open.push(server);
    return server;
  }

  /** A gateway of the first zone that knows key-managers at `ports`, zone by zone. */
  async client(
    ports: readonly number[],
    more: Partial<MeshClientOptions> = {},
  ): Promise<WatchableMeshClient> {
    const self = more.self ?? this.self('gateway');
    const client = createMeshClient({
      self,
      endpoints: endpointsAt(ports),
      services: ['key-manager'],
      tls: await this.tls(self),
      clock,
      random,
      ...more,
    });
    this.#open.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const opened of this.#open.splice(0).reverse()) await opened.close();
  }

  /** For what a test opened by itself. */
  onClose(close: () => Promise<void>): void {
    this.#open.push({ close });
  }
}

export function endpointsAt(ports: readonly number[]): Endpoint[] {
  return ports.map((port, at) => ({
    zone: zones[at] ?? `south-${at + 1}`,
    service: 'key-manager',
    host: '127.0.0.1',
    port,
  }));
}

export function within(timeoutMs: number): Deadline {
  return Deadline.after(clock, timeoutMs);
}

/** Waits for a condition; fails loudly after `timeoutMs`. */
export async function until(isTrue: () => boolean, what: string, timeoutMs = 3_000): Promise<void> {
  const deadline = within(timeoutMs);
  while (!isTrue()) {
    if (deadline.hasPassed()) throw new Error(`${what} did not happen within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Until every link of the client is up. */
export function allUp(client: WatchableMeshClient): Promise<void> {
  return until(() => client.standing().every(({ isLinkUp }) => isLinkUp), 'all links up');
}
