// A request's trace from its client to the last hop. The edge is a gateway as it runs; the hops behind it are real frames.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createMeshClient,
  startFrameServer,
  type FrameMethod,
  type FrameServer,
  type MeshClient,
} from '@zonehold/mesh';
import { createAuthority, issueCertificate, type CertificateAndKey } from '@zonehold/pki';
import { Deadline, systemClock as clock, systemRandom as random } from '@zonehold/primitives';
import { createLog, currentTrace, Traces, type Log, type TraceFields } from '@zonehold/telemetry';
import { startStandIn, until, type StandIn } from './stand-in.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;
const wrapPath = '/api/v2/keys/key1/actions/wrap';

interface Line extends TraceFields {
  readonly event: string;
  readonly service: string;
}

describe('the edge', () => {
  let region: StandIn;
  /** What the key-manager was in, call by call. */
  const served: (TraceFields | undefined)[] = [];

  beforeAll(async () => {
    region = await startStandIn();
    region.script.operation = async () => {
      served.push(currentTrace());
      return { ok: true, status: 200, body: { keyVersion: { id: 'v1' } } };
    };
  });
  afterAll(() => region.close());
  afterEach(() => {
    served.length = 0;
    region.logLines.length = 0;
  });

  function edgeLine(): Line {
    const lines = region.logLines.filter((text) => text.includes('request.served'));
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0] ?? '{}') as Line;
  }

  it.each([
    ['the hot path', { path: wrapPath }],
    ['a routed operation', { method: 'GET', path: '/api/v2/keys/key1/metadata' }],
  ])('goes on with the trace of its client on %s', async (_name, request) => {
    const answer = await region.send({ ...request, headers: { traceparent } });
    expect(answer.status).toBe(200);
    const line = edgeLine();
    expect(line).toMatchObject({ traceId, parentSpanId: spanId });
    expect(served).toEqual([
      { traceId, parentSpanId: line.spanId, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) },
    ]);
  });

  it.each([
    ['no header', {}],
    ['a malformed header', { traceparent: `${traceparent}-more` }],
    ['a hostile header', { traceparent: `00-${'"'.repeat(32)}-${spanId}-01` }],
  ])('begins a trace with %s, and answers as ever', async (_name, headers) => {
    const answer = await region.send({ path: wrapPath, headers });
    expect(answer.status).toBe(200);
    const line = edgeLine();
    expect(line.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(line.traceId).not.toBe(traceId);
    expect(line).not.toHaveProperty('parentSpanId');
    expect(served).toMatchObject([{ traceId: line.traceId, parentSpanId: line.spanId }]);
  });

  it('tells clients nothing of it', async () => {
    const plain = await region.send({ path: wrapPath });
    const traced = await region.send({
      path: wrapPath,
      headers: { traceparent, tracestate: 'vendor=1' },
    });
    expect(Object.keys(traced.headers).toSorted()).toEqual(Object.keys(plain.headers).toSorted());
    expect(JSON.stringify(traced.headers) + traced.text).not.toContain(traceId);
  });

  it('names the trace in the line of what was refused', async () => {
    const path = '/nowhere';
    await region.send({ method: 'GET', path, headers: { traceparent } });
    expect(edgeLine()).toMatchObject({ traceId, parentSpanId: spanId, status: 404 });
  });
});

/** Services one behind the other, as in a region, each with its own log and its own `Traces`. */
class Chain {
  readonly lines: Line[] = [];
  readonly #authority: CertificateAndKey;
  readonly #open: { close(): Promise<void> }[] = [];

  private constructor(authority: CertificateAndKey) {
    this.#authority = authority;
  }

  static async create(): Promise<Chain> {
    return new Chain(await createAuthority('south', { clock, random }));
  }

  log(service: string): Log {
    const destination = { write: (line: string) => void this.lines.push(JSON.parse(line) as Line) };
    return createLog({ service, zone: 'south-1', region: 'south', level: 'info', destination });
  }

  async serve(service: 'key-manager' | 'crypto-worker', work: FrameMethod): Promise<FrameServer> {
    const { self, tls } = await this.#identity(service);
    const server = await startFrameServer({
      ...{ self, tls, clock, host: '127.0.0.1', port: 0 },
      methods: { work },
      traces: new Traces(random),
    });
    this.#open.push(server);
    return server;
  }

  async client(
    service: 'gateway' | 'key-manager',
    peer: 'key-manager' | 'crypto-worker',
    port: number,
    traces: Traces,
  ): Promise<MeshClient> {
    const { self, tls } = await this.#identity(service);
    const endpoints = [{ zone: 'south-1', service: peer, host: '127.0.0.1', port }];
    const client = createMeshClient({
      ...{ self, tls, clock, random, endpoints, traces },
      services: [peer],
    });
    this.#open.push(client);
    await until(() => client.standing().every(({ isLinkUp }) => isLinkUp));
    return client;
  }

  async close(): Promise<void> {
    for (const opened of this.#open.reverse()) await opened.close();
  }

  async #identity(service: 'gateway' | 'key-manager' | 'crypto-worker') {
    const self = { clusterId: 'c1', region: 'south', zone: 'south-1', service };
    const pair = await issueCertificate(this.#authority, self, { clock, random });
    const tls = { ca: this.#authority.certPem, cert: pair.certPem, key: pair.keyPem };
    return { self, tls };
  }
}

describe('a region', () => {
  it('writes one trace in the lines of every hop, each hop the child of the one before', async () => {
    const chain = await Chain.create();
    const options = () => ({ deadline: Deadline.after(clock, 2_000), retry: 'none' }) as const;
    const workerLog = chain.log('crypto-worker');
    const worker = await chain.serve('crypto-worker', {
      callers: ['key-manager'],
      handle: async (body) => {
        workerLog.info('test.worked');
        return body;
      },
    });
    const managerLog = chain.log('key-manager');
    const toWorker = await chain.client(
      'key-manager',
      'crypto-worker',
      worker.port,
      new Traces(random),
    );
    const manager = await chain.serve('key-manager', {
      callers: ['gateway'],
      handle: async (body) => {
        const { reply } = await toWorker.call('crypto-worker', 'work', body, options());
        managerLog.info('test.worked');
        return reply;
      },
    });
    const traces = new Traces(random);
    const toManager = await chain.client('gateway', 'key-manager', manager.port, traces);
    const edgeLog = chain.log('gateway');
    // Many at once, on the same links: none may end up in the trace of another.
    await Promise.all(
      Array.from({ length: 10 }, () =>
        traces.begin(undefined, async () => {
          await toManager.call('key-manager', 'work', 1, options());
          edgeLog.info('test.worked');
        }),
      ),
    );
    await chain.close();
    const byTrace = Map.groupBy(chain.lines, (line) => line.traceId);
    expect(byTrace.size).toBe(10);
    for (const lines of byTrace.values()) {
      expect(lines.map(({ service }) => service)).toEqual([
        'crypto-worker',
        'key-manager',
        'gateway',
      ]);
      const [last, middle, first] = lines;
      expect(last?.parentSpanId).toBe(middle?.spanId);
      expect(middle?.parentSpanId).toBe(first?.spanId);
      expect(first).not.toHaveProperty('parentSpanId');
      expect(new Set(lines.map((line) => line.spanId)).size).toBe(3);
    }
  });
});
