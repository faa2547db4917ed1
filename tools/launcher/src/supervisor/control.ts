// The launcher's control socket: one JSON line in, one JSON line out, connection closed. Its words, the server, and the asking side.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { DevControls } from '@zonehold/service-host';
import { z } from 'zod';
import { devChangeSchema } from '../dev/controls-file.ts';
import { refuse } from '../refusal.ts';
import { serviceNames } from '../region/zones.ts';
import type { ProcessView } from './supervisor.ts';

const zoneActions = ['kill', 'pause', 'resume', 'start'] as const;
export type ZoneAction = (typeof zoneActions)[number];

const requestSchema = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('processes') }),
  z.strictObject({
    command: z.literal('zone'),
    action: z.enum(zoneActions),
    zone: z.string(),
    services: z.array(z.enum(serviceNames)).min(1),
  }),
  z.strictObject({
    command: z.literal('replace-redis'),
    step: z.enum(['look', 'prepare']),
    zone: z.string(),
  }),
  /** `number`: the Redis that has the vote now. */
  z.strictObject({ command: z.literal('retire-redis'), zone: z.string(), number: z.int() }),
  z.strictObject({ command: z.literal('dev'), change: devChangeSchema }),
  z.strictObject({ command: z.literal('stop') }),
]);
export type ControlRequest = z.infer<typeof requestSchema>;

/** Where one of a zone's Redis is. */
export interface RedisPlace {
  readonly number: number;
  readonly host: string;
  readonly port: number;
  readonly dir: string;
}

/** A zone's Redis, and the one that is (to be) its successor. */
export interface ReplacementView {
  readonly present: RedisPlace;
  /** null when there is none any more: the replacement is done. */
  readonly next: RedisPlace | null;
  /** `next` is recorded, and runs beside the present one. */
  readonly isPrepared: boolean;
}

export type ControlReply =
  | {
      readonly ok: true;
      readonly supervisorPid: number;
      readonly phase: string;
      readonly processes: readonly ProcessView[];
      /** Answers the steps of a replacement. */
      readonly replacement?: ReplacementView;
      /** Of a development region. */
      readonly dev?: DevControls;
    }
  | { readonly ok: false; readonly error: string };

/** A request names a zone and some services; nothing longer is one. */
const lineMaxBytes = 4_096;
/** People and scripts: more at once is a mistake. */
const connectionsMax = 32;
/** A request is one short line; who has not sent it by then never will. */
const requestTimeoutMs = 5_000;
/** Linux limits the path of a Unix socket to 108 bytes with the final zero. */
const socketPathMaxBytes = 107;

/**
 * Listens on `path` (0600). Refuses when another launcher of this region answers there; a socket that nobody answers is a leftover and is
 * replaced.
 */
export async function serveControl(
  path: string,
  handle: (request: ControlRequest) => Promise<ControlReply>,
): Promise<Server> {
  if (Buffer.byteLength(path) > socketPathMaxBytes) {
    return refuse(
      `The path ${path} is too long for a control socket (${socketPathMaxBytes} bytes at most); choose a shorter --data-dir.`,
    );
  }
  if (existsSync(path)) {
    const reply = await askControl(path, { command: 'processes' });
    if (reply !== undefined) {
      const pid = reply.ok ? ` (process ${reply.supervisorPid})` : '';
      return refuse(
        `This region is already running${pid}. Stop it with Ctrl-C there or with: npx zonehold stop`,
      );
    }
    rmSync(path);
  }
  const server = createServer((socket) => serveOne(socket, handle));
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

function serveOne(
  socket: Socket,
  handle: (request: ControlRequest) => Promise<ControlReply>,
): void {
  let text = '';
  socket.setEncoding('utf8');
  const timer = setTimeout(() => socket.destroy(), requestTimeoutMs);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  socket.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0 && text.length <= lineMaxBytes) return;
    socket.removeAllListeners('data');
    clearTimeout(timer);
    void answer(text.slice(0, end), handle).then((reply) =>
      socket.end(`${JSON.stringify(reply)}\n`),
    );
  });
}

async function answer(
  line: string,
  handle: (request: ControlRequest) => Promise<ControlReply>,
): Promise<ControlReply> {
  try {
    return await handle(requestSchema.parse(JSON.parse(line)));
  } catch (error) {
    return { ok: false, error: (error as Error).message };
  }
}

/** Asks the launcher that listens on `path`. Undefined when none does. Waits as long as it works: a stop takes seconds. */
export function askControl(
  path: string,
  request: ControlRequest,
): Promise<ControlReply | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => resolve(undefined));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => {
      // The launcher wrote it; an empty or cut reply means that it was killed meanwhile.
      resolve(text.endsWith('\n') ? (JSON.parse(text) as ControlReply) : undefined);
    });
  });
}
