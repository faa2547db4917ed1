// How commands to a Redis are shown to a FaultPort: a transaction is one request, its EXEC's reply one reply. Redis knows nothing of
// it; both what never arrives and what is done but not answered are made here, on our side of the socket. Only where there is a port.
import type { FaultEdge, KmsError, MessageExits } from '@zonehold/primitives';
import type { RedisCommand } from './call-queue.ts';
import {
  acceptScript,
  formatScript,
  installConfigurationScript,
  prepareScript,
  reincarnateScript,
} from './scripts.ts';

const routeOfScript: ReadonlyMap<string, string> = new Map([
  [prepareScript.sha, 'prepare'],
  [acceptScript.sha, 'accept'],
  [installConfigurationScript.sha, 'install'],
  [formatScript.sha, 'format'],
  [reincarnateScript.sha, 'reincarnate'],
]);

/** The kind of a command or transaction: `prepare`, `accept`, `install`, `read`, `list`, or the command's own name. */
export function routeOf(commands: readonly RedisCommand[]): string {
  const [name, first = ''] = commands.at(-1) ?? [''];
  if (name === 'evalsha') return routeOfScript.get(first) ?? name;
  if (name !== 'exec') return name;
  // Between MULTI and EXEC: registers are read with HMGET alone.
  return commands.slice(1, -1).every(([inner]) => inner === 'hmget') ? 'read' : 'list';
}

/** A request on its way to Redis. */
export function passRequest(
  edge: FaultEdge,
  commands: readonly RedisCommand[],
  exits: Required<MessageExits>,
): void {
  const bytes = bytesOf(commands);
  edge.pass({ direction: 'out', leg: 'request', route: routeOf(commands), bytes }, exits);
}

/** A reply on its way back. */
export function passReply(
  edge: FaultEdge,
  route: string,
  reply: unknown,
  exits: Omit<MessageExits, 'fail'>,
): void {
  edge.pass({ direction: 'in', leg: 'reply', route, bytes: bytesOf(reply) }, exits);
}

/** A connection, of which both halves must get through. */
export function passConnection(edge: FaultEdge, exits: Omit<MessageExits, 'fail'>): void {
  const route = 'connect';
  edge.pass(
    { direction: 'out', leg: 'request', route, bytes: 0 },
    { ...exits, deliver: () => passReply(edge, route, '', exits) },
  );
}

/** A failure as Redis would have said it. */
export function madeUpReply({ code, message }: KmsError): Error {
  const error = new Error(`${code} ${message}`);
  error.name = 'ReplyError';
  return error;
}

/** Of all texts in it; what is around them is small. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return Array.isArray(value) ? value.reduce<number>((sum, part) => sum + bytesOf(part), 0) : 1;
}
