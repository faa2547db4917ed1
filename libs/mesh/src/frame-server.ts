// Listens for the frames of one service: TLS 1.3 with client certificates of this region only. Decides who may come in;
// what they then ask is served-link.ts.
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { Clock, FaultPort } from '@zonehold/primitives';
import { identityOfNames, strangeness } from './identity.ts';
import type { RefusalReason, ServerObserver } from './observer.ts';
import type { FrameMethod, ServiceIdentity, TlsIdentity, TraceCarrier } from './ports.ts';
import { ServedLink, type ServerShare } from './served-link.ts';

/** Two connections from each of four services in nine zones, and room for reconnecting. */
const connectionsMax = 256;
/** A peer in the same region shakes hands in milliseconds. */
const handshakeTimeoutMs = 2_000;
/** Clients ping an idle link twice a second; one silent for so long is gone without a word. */
const idleTimeoutMs = 30_000;
/**
 * Calls under way in one process; above it they are shed. What is admitted must be answered while its caller waits: an attempt has
 * 700 ms, so a process that finishes 750 calls a second can have 512 of them (docs/mesh.md). Twice a client's bulkhead: one
 * gateway alone does not fill it, unless its callers leave changes behind that go on without them.
 */
const inFlightMaxDefault = 512;
/** After the last answer a live client closes its side within a round trip. */
const farewellMs = 500;

export interface FrameServerOptions {
  readonly self: ServiceIdentity;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls: TlsIdentity;
  readonly methods: Readonly<Record<string, FrameMethod>>;
  readonly clock: Clock;
  readonly observer?: Partial<ServerObserver>;
  /** Without it calls are served outside of every trace. */
  readonly traces?: TraceCarrier;
  /** What is to go wrong on purpose (docs/faults.md). Without it nothing is asked. */
  readonly faults?: FaultPort | undefined;
  readonly inFlightMax?: number;
}

export interface FrameServer {
  readonly port: number;
  /** Refuses new calls as not applied, waits for those under way (at most `timeoutMs`), then closes. */
  drain(timeoutMs: number): Promise<void>;
  /** Closes at once; calls under way are lost. */
  close(): Promise<void>;
}

/** Starts to listen. Rejects when the port is taken or the PEM texts are no good. */
export async function startFrameServer(options: FrameServerOptions): Promise<FrameServer> {
  const share: ServerShare = {
    clock: options.clock,
    methods: new Map(Object.entries(options.methods)),
    observer: options.observer ?? {},
    traces: options.traces,
    faults: options.faults,
    inFlightMax: options.inFlightMax ?? inFlightMaxDefault,
    inFlight: 0,
    isDraining: false,
    onIdle: undefined,
  };
  const links = new Set<ServedLink>();
  const server = createServer({
    ...options.tls,
    minVersion: 'TLSv1.3',
    requestCert: true,
    // Judged in `judge` instead: Node would close without telling anyone why.
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
  });
  server.maxConnections = connectionsMax;
  server.on('tlsClientError', (error) =>
    share.observer.peerRefused?.('certificate', error.message),
  );
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    const judged = judge(socket, options.self);
    if (!judged.ok) {
      const from = socket.remoteAddress ?? 'someone';
      share.observer.peerRefused?.(judged.reason, `${from}: ${judged.detail}`);
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    const link = new ServedLink(socket, judged.peer, share);
    links.add(link);
    socket.on('close', () => links.delete(link));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const link of links) link.destroy();
    });
  return {
    port: (server.address() as AddressInfo).port,
    close,
    drain: async (timeoutMs) => {
      share.isDraining = true;
      await idle(share, timeoutMs);
      for (const link of links) link.end();
      const timer = setTimeout(() => {
        for (const link of links) link.destroy();
      }, farewellMs);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(timer);
    },
  };
}

type Judgement =
  | { readonly ok: true; readonly peer: ServiceIdentity }
  | { readonly ok: false; readonly reason: RefusalReason; readonly detail: string };

/** May the peer come in? Its certificate must be of our authority, and name our cluster and region. */
function judge(socket: TLSSocket, self: ServiceIdentity): Judgement {
  if (!socket.authorized) {
    return { ok: false, reason: 'certificate', detail: String(socket.authorizationError) };
  }
  const names = socket.getPeerCertificate().subjectaltname;
  const peer = identityOfNames(names);
  if (peer === undefined) {
    return { ok: false, reason: 'identity', detail: `a certificate for ${names ?? 'nobody'}` };
  }
  const reason = strangeness(self, peer);
  if (reason === undefined) return { ok: true, peer };
  const detail = `${peer.service} of region ${peer.region}, cluster ${peer.clusterId}`;
  return { ok: false, reason, detail };
}

function idle(share: ServerShare, timeoutMs: number): Promise<void> {
  if (share.inFlight === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      share.onIdle = undefined;
      resolve();
    };
    const timer = setTimeout(finish, timeoutMs);
    share.onIdle = finish;
  });
}
