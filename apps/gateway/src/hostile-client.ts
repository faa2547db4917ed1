// For tests only: a client that writes what it likes on a TLS connection, and reads until the gateway ends it.
import { connect } from 'node:tls';
import { instanceId, type StandIn } from './stand-in.ts';

export interface RawAnswer {
  /** 0 when the connection ended without one. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** The head of a good request, without the empty line; `lines` come last. */
export async function goodHead(
  region: StandIn,
  requestLine: string,
  lines: readonly string[] = [],
): Promise<string> {
  const common = [
    ...[requestLine, 'Host: kms', `Bluemix-Instance: ${instanceId}`],
    ...[`Authorization: Bearer ${await region.sign()}`, 'Connection: close'],
  ];
  return `${[...common, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Sends the bytes and gives the first answer. A reset is an end like any other. */
export async function sendRaw(region: StandIn, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = connect({ host: '127.0.0.1', port: region.regionalPort, ca: region.ca });
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  const at = text.indexOf('\r\n\r\n');
  const head = text.slice(0, at === -1 ? 0 : at);
  return { status: Number(head.slice(9, 12)), head, body: text.slice(at + 4) };
}
