// The running region as tests see it: its files, its CLI, its ports. Everything goes the way an operator would.
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { regionAt, type RegionFiles } from '@zonehold/testkit';
import { inject } from 'vitest';
import { eventually } from './eventually.ts';
import { redisDirOf, withOfflineRedis, type OfflineRedis } from './offline-redis.ts';
import type { SdkOptions } from './sdk.ts';

export type Service = 'redis' | 'gateway' | 'key-manager' | 'crypto-worker' | 'health-monitor';
export type Role = 'MANAGER' | 'READER' | 'READERPLUS' | 'WRITER' | 'KEYPURGE' | 'MANAGER2';

const services = ['gateway', 'key-manager', 'crypto-worker', 'health-monitor'] as const;

interface Listening {
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
}
interface Topology {
  readonly zones: readonly ({ readonly zone: string } & Readonly<
    Record<(typeof services)[number], Listening>
  >)[];
}

/** What tests do with a region. */
export class TestRegion {
  readonly files: RegionFiles;

  constructor(files: RegionFiles) {
    this.files = files;
  }

  get regionDir(): string {
    return this.files.regionDir;
  }

  get url(): string {
    return this.files.url;
  }

  get instanceId(): string {
    return this.files.env['KEY_PROTECT_INSTANCE_ID'] ?? '';
  }

  get zones(): readonly string[] {
    return this.#topology.zones.map(({ zone }) => zone);
  }

  get #topology(): Topology {
    return JSON.parse(readFileSync(join(this.regionDir, 'topology.json'), 'utf8')) as Topology;
  }

  /** The path of the certificate that every endpoint's certificate is signed with, in PEM. */
  get certificateAuthority(): string {
    return join(this.regionDir, 'pki', 'ca.crt');
  }

  apiKey(role: Role): string {
    const name = role === 'MANAGER' ? 'KEY_PROTECT_API_KEY' : `KEY_PROTECT_API_KEY_${role}`;
    return this.files.env[name] ?? '';
  }

  sdkOptions(role: Role): SdkOptions {
    const { url, instanceId } = this;
    return { url, tokenUrl: url, apiKey: this.apiKey(role), instanceId };
  }

  endpoint(zone: string, service: (typeof services)[number]): Listening {
    const found = this.#topology.zones.find((entry) => entry.zone === zone)?.[service];
    if (found === undefined) throw new Error(`no ${service} in ${zone}`);
    return found;
  }

  /** The HTTPS address of one zone's own gateway. */
  zoneUrl(zone: string): string {
    return `https://localhost:${this.endpoint(zone, 'gateway').port}`;
  }

  /** `host:port` of every service's ops port. */
  opsAddresses(): { readonly zone: string; readonly service: string; readonly address: string }[] {
    return this.zones.flatMap((zone) =>
      services.map((service) => {
        const { host, opsPort } = this.endpoint(zone, service);
        return { zone, service, address: `${host}:${opsPort}` };
      }),
    );
  }

  async allMetrics(): Promise<
    { readonly zone: string; readonly service: string; readonly text: string }[]
  > {
    return Promise.all(
      this.opsAddresses().map(async ({ zone, service, address }) => {
        const response = await fetch(`http://${address}/metrics`);
        return { zone, service, text: await response.text() };
      }),
    );
  }

  /** Runs the CLI and returns what it printed. A refusal fails the test with the CLI's own words. */
  async zonehold(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.files.zonehold(...words);
    if (code !== 0) throw new Error(`zonehold ${words.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /**
   * Waits until every process runs and calls itself ready, every key-manager counts every zone as a voter, and every link of
   * the mesh is up. The monitors' verdict comes later on purpose (they want some clean seconds first), so it is not asked.
   */
  async isWhole(): Promise<void> {
    await eventually('the region is whole', 60_000, async () => {
      if (this.files.processes().some(({ state }) => state !== 'running')) return false;
      const ready = await Promise.all(
        this.opsAddresses().map(
          async ({ address }) => (await fetch(`http://${address}/readyz`)).ok,
        ),
      );
      if (!ready.every(Boolean)) return false;
      const metrics = await this.allMetrics();
      const links = metrics.flatMap(({ text }) => valuesOf(text, 'kms_mesh_link_up'));
      // Counted, not only checked: a zone that a fresh process never reached has no sample at all.
      const isEveryZoneVoter = metrics
        .filter(({ service }) => service === 'key-manager')
        .every(({ text }) => {
          const up = valuesOf(text, 'kms_acceptor_up');
          return up.length === this.zones.length && up.every((value) => value === '1');
        });
      return isEveryZoneVoter && links.length > 0 && links.every((value) => value === '1');
    });
  }

  /** Connections that clients hold open to a zone's gateway, as it counts them itself. */
  async openEdgeConnections(zone: string): Promise<number> {
    const metrics = await this.allMetrics();
    const text =
      metrics.find((entry) => entry.zone === zone && entry.service === 'gateway')?.text ?? '';
    const found = /^kms_edge_connections\{.*listener="regional".*\} (\d+)$/m.exec(text);
    if (found === null) throw new Error(`the gateway of ${zone} does not count its connections`);
    return Number(found[1]);
  }

  post(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<unknown> {
    return this.#ask('POST', path, headers, body);
  }

  get(path: string): Promise<unknown> {
    return this.#ask('GET', path, {}, '');
  }

  /** JSON over TLS that is verified against this region's own authority, whatever the test process trusts. */
  async #ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<unknown> {
    const ca = readFileSync(this.certificateAuthority);
    const text = await new Promise<string>((resolve, reject) => {
      const outgoing = request(`${this.url}${path}`, { method, ca, headers }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.on('end', () => resolve(received));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    return JSON.parse(text);
  }

  bearerToken(role: Role): Promise<string> {
    return this.tokenOf(this.apiKey(role));
  }

  /** A token of any API key. */
  async tokenOf(apiKey: string): Promise<string> {
    const form = `grant_type=urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey&apikey=${encodeURIComponent(apiKey)}`;
    const reply = await this.post(
      '/identity/token',
      { 'content-type': 'application/x-www-form-urlencoded' },
      form,
    );
    return (reply as { access_token: string }).access_token;
  }

  /** Creates a root key without the SDK, and returns its id. */
  async createKey(name: string): Promise<string> {
    const headers = {
      authorization: `Bearer ${await this.bearerToken('MANAGER')}`,
      'bluemix-instance': this.instanceId,
    };
    const body = {
      metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
      resources: [{ type: 'application/vnd.ibm.kms.key+json', name, extractable: false }],
    };
    const reply = await this.post('/api/v2/keys', headers, JSON.stringify(body));
    return (reply as { resources: { id: string }[] }).resources[0]?.id ?? '';
  }

  /** Lines that the services of that name have logged, in all zones. */
  logLines(service: Service): string[] {
    return this.zones.flatMap((zone) =>
      readFileSync(join(this.regionDir, 'zones', zone, 'logs', `${service}.log`), 'utf8').split(
        '\n',
      ),
    );
  }

  /** Kills one zone's Redis, changes its files, and brings it back. */
  async tamperWithRedis<Result>(
    zone: string,
    work: (redis: OfflineRedis) => Promise<Result>,
  ): Promise<Result> {
    await this.zonehold('zone', 'kill', zone, '--service', 'redis');
    try {
      return await withOfflineRedis(redisDirOf(this.regionDir, zone), work);
    } finally {
      await this.zonehold('zone', 'start', zone, '--service', 'redis');
    }
  }
}

/** The values of one metric on a metrics page. */
function valuesOf(page: string, metric: string): string[] {
  return [...page.matchAll(new RegExp(`^${metric}\\{.*\\} (\\S+)$`, 'gm'))].map(
    (found) => found[1] ?? '',
  );
}

/** The region that global-setup.ts formed. */
export function attachRegion(): TestRegion {
  return new TestRegion(regionAt(inject('region')));
}

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
