// For tests only: a gateway as it runs, and a frame server on loopback that stands in for a key-manager. Certificates,
// frames, TLS and tokens are real; only what a key-manager would decide is scripted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import {
  keyManagerMethods,
  type IssueTokenReply,
  type IssueTokenRequest,
  type JsonWebKeyWithId,
  type OperationReply,
  type OperationRequest,
} from '@zonehold/api-contract';
import { startFrameServer, type FrameServer } from '@zonehold/mesh';
import { createAuthority, issueCertificate, type CertificateAndKey } from '@zonehold/pki';
import { systemClock as clock, systemRandom as random, type Deadline } from '@zonehold/primitives';
import {
  tenantLimitDefaults,
  type DevMode,
  type RunningService,
  type Topology,
} from '@zonehold/service-host';
import { createLog, createMetrics, Traces, type Metrics } from '@zonehold/telemetry';
import { startGateway } from './compose.ts';
import type { GatewaySettings } from './config.ts';

export const instanceId = '11111111-2222-4333-8444-555555555555';
export const issuer = 'https://zonehold/us-south';
const region = 'us-south';
const zone = 'us-south-1';
const clusterId = 'c1';

/** What the scripted key-manager does; tests replace the members. */
export interface Script {
  operation: (request: OperationRequest, deadline: Deadline) => Promise<OperationReply>;
  issueToken: (request: IssueTokenRequest) => Promise<IssueTokenReply>;
}

export interface SignOptions {
  readonly claims?: Record<string, unknown>;
  readonly expiresAtS?: number;
  readonly kid?: string;
  readonly key?: CryptoKey;
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  json(): unknown;
}

export interface ClientRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly port?: number;
}

/** What a test wants other than usual. */
export interface StandInOptions {
  readonly edge?: Partial<GatewaySettings['edge']>;
  /** What a development region has been told. */
  readonly dev?: Pick<DevMode, 'controls'>;
}

export interface StandIn {
  readonly ca: string;
  readonly regionalPort: number;
  readonly zonePort: number;
  readonly privatePort: number;
  readonly gateway: RunningService;
  readonly metrics: Metrics;
  readonly logLines: string[];
  readonly script: Script;
  /** Every operation the key-manager was asked for. */
  readonly asked: OperationRequest[];
  readonly sign: (options?: SignOptions) => Promise<string>;
  /** Publishes another verification key and gives what signs with it. */
  readonly addSigningKey: (kid: string) => Promise<CryptoKey>;
  /** Sends with a good token and instance unless `headers` say otherwise; an empty value leaves a header out. */
  readonly send: (request: ClientRequest) => Promise<ClientAnswer>;
  /** Kills the key-manager at once. */
  readonly stopKeyManager: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts both and waits until the gateway is ready. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const authority = await createAuthority(region, { clock, random });
  const [regionalPort, zonePort, privatePort, keyManagerPort] = await freePorts();
  const script: Script = {
    operation: async () => ({ ok: true, status: 200, body: { keyVersion: { id: 'v1' } } }),
    issueToken: async () => ({ ok: false }),
  };
  const asked: OperationRequest[] = [];
  const signingKeys: JsonWebKeyWithId[] = [];
  const active = await makeSigningKey('k1', signingKeys);
  const keyManager = await startKeyManager(authority, keyManagerPort, {
    script,
    asked,
    signingKeys,
  });
  const logLines: string[] = [];
  const metrics = createMetrics({ service: 'gateway', zone, region });
  const folder = mkdtempSync(join(tmpdir(), 'zonehold-gateway-'));
  const gateway = await launchGateway(authority, folder, {
    topology: topologyOf({ regionalPort, zonePort, privatePort, keyManagerPort }),
    edge: options.edge ?? {},
    metrics,
    logLines,
    ...(options.dev === undefined ? {} : { dev: options.dev }),
  });
  await until(() => gateway.reasons().length === 0);
  const sign = async (options: SignOptions = {}): Promise<string> => signToken(active, options);
  const token = await sign();
  const agent = new Agent({ keepAlive: true, ca: authority.certPem });
  return {
    ca: authority.certPem,
    regionalPort,
    zonePort,
    privatePort,
    gateway,
    metrics,
    logLines,
    script,
    asked,
    sign,
    addSigningKey: (kid) => makeSigningKey(kid, signingKeys),
    send: (request) => send(agent, { port: regionalPort, ...request }, token),
    stopKeyManager: () => keyManager.close(),
    close: async () => {
      agent.destroy();
      await gateway.drain();
      await keyManager.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Waits for a condition; throws after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const endMs = clock.monotonicMs() + 5_000;
  while (!condition()) {
    if (clock.monotonicMs() > endMs) throw new Error('the condition did not come true in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function makeSigningKey(kid: string, published: JsonWebKeyWithId[]): Promise<CryptoKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const { kty, crv = '', x = '', y = '' } = await exportJWK(publicKey);
  published.push({ kid, kty: kty ?? '', crv, x, y, alg: 'ES256', use: 'sig' });
  return privateKey;
}

function signToken(
  active: CryptoKey,
  { claims, expiresAtS, kid, key }: SignOptions,
): Promise<string> {
  const nowS = Math.floor(clock.wallMs() / 1_000);
  const whole = {
    iss: issuer,
    sub: 'iam-ServiceId-1',
    iam_id: 'iam-ServiceId-1',
    account: { bss: 'a1' },
    apikey_id: 'cred1',
    iat: nowS,
    exp: expiresAtS ?? nowS + 3_600,
  };
  return new SignJWT({ ...whole, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: kid ?? 'k1' })
    .sign(key ?? active);
}

interface KeyManagerParts {
  readonly script: Script;
  readonly asked: OperationRequest[];
  readonly signingKeys: readonly JsonWebKeyWithId[];
}

async function startKeyManager(
  authority: CertificateAndKey,
  port: number,
  { script, asked, signingKeys }: KeyManagerParts,
): Promise<FrameServer> {
  const self = { clusterId, region, zone, service: 'key-manager' as const };
  const pair = await issueCertificate(
    authority,
    { ...self, ipAddresses: ['127.0.0.1'] },
    { clock, random },
  );
  return startFrameServer({
    self,
    host: '127.0.0.1',
    port,
    tls: { ca: authority.certPem, cert: pair.certPem, key: pair.keyPem },
    clock,
    traces: new Traces(random),
    methods: {
      [keyManagerMethods.operation]: {
        callers: ['gateway'],
        handle: (body, { deadline }) => {
          asked.push(body as OperationRequest);
          return script.operation(body as OperationRequest, deadline);
        },
      },
      [keyManagerMethods.issueToken]: {
        callers: ['gateway'],
        handle: (body) => script.issueToken(body as IssueTokenRequest),
      },
      [keyManagerMethods.verificationKeys]: {
        callers: ['gateway'],
        handle: async () => ({ issuer, keys: [...signingKeys] }),
      },
    },
  });
}

interface GatewayParts {
  readonly topology: Topology;
  readonly edge: Partial<GatewaySettings['edge']>;
  readonly metrics: Metrics;
  readonly logLines: string[];
  readonly dev?: Pick<DevMode, 'controls'>;
}

async function launchGateway(
  authority: CertificateAndKey,
  folder: string,
  { topology, edge, metrics, logLines, dev }: GatewayParts,
): Promise<RunningService> {
  const self = { clusterId, region, zone, service: 'gateway' as const };
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const pair = await issueCertificate(authority, { ...self, ...names }, { clock, random });
  const certPath = join(folder, 'edge.crt');
  const keyPath = join(folder, 'edge.key');
  writeFileSync(certPath, pair.certPem);
  writeFileSync(keyPath, pair.keyPem, { mode: 0o600 });
  const settings: GatewaySettings = {
    ...self,
    topologyPath: '-',
    tls: { caPath: '-', certPath: '-', keyPath: '-' },
    logLevel: 'info',
    edge: {
      ...{ certPath, keyPath, trustedProxies: [] },
      regional: { clientAddressFrom: 'socket' },
      private: { clientAddressFrom: 'socket' },
      limits: tenantLimitDefaults,
      ...edge,
    },
  };
  const destination = { write: (line: string) => void logLines.push(line) };
  return startGateway({
    settings,
    topology,
    tls: { ca: authority.certPem, cert: pair.certPem, key: pair.keyPem },
    self,
    log: createLog({ service: 'gateway', zone, region, level: 'info', destination }),
    metrics,
    clock,
    random,
    ...(dev === undefined ? {} : { dev }),
  });
}

interface Ports {
  readonly regionalPort: number;
  readonly zonePort: number;
  readonly privatePort: number;
  readonly keyManagerPort: number;
}

function topologyOf({ regionalPort, zonePort, privatePort, keyManagerPort }: Ports): Topology {
  const host = '127.0.0.1';
  const unused = { host, port: 1, opsPort: 1 };
  return {
    clusterId,
    region,
    regionalPort,
    zones: [
      {
        zone,
        gateway: { host, port: zonePort, opsPort: 1, private: { host, port: privatePort } },
        'key-manager': { host, port: keyManagerPort, opsPort: 1 },
        'crypto-worker': unused,
        'health-monitor': unused,
        redis: { host, port: 1, acceptorId: 'a1', incarnation: 'i1' },
      },
    ],
  };
}

async function freePorts(): Promise<[number, number, number, number]> {
  const servers = Array.from({ length: 4 }, () => createServer().listen(0, '127.0.0.1'));
  await until(() => servers.every((server) => server.listening));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number, number];
}

function send(agent: Agent, asked: ClientRequest, token: string): Promise<ClientAnswer> {
  const headers = {
    authorization: `Bearer ${token}`,
    'bluemix-instance': instanceId,
    ...asked.headers,
  };
  const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>();
  const request = httpsRequest(
    {
      agent,
      host: '127.0.0.1',
      port: asked.port,
      method: asked.method ?? 'POST',
      path: asked.path,
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const json = (): unknown => JSON.parse(text);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    },
  );
  request.on('error', reject);
  request.end(asked.body);
  return promise;
}
