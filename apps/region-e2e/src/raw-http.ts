// One request exactly as written, over TLS, and everything that came back: for what no HTTP library would send the same way.
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import type { TestRegion } from './region.ts';

export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined when the answer has none. */
  readonly body: unknown;
}

/** A region that is silent for this long has hung. */
const silenceTimeoutMs = 15_000;

/**
 * Sends `head` (request line and headers, one per element) and `body`, and reads to the end of the connection, which `head` must ask
 * for. Nothing is added: a length that is missing stays missing.
 */
export async function sendRaw(
  region: TestRegion,
  head: readonly string[],
  body: string | Buffer = '',
): Promise<RawReply> {
  const { hostname, port } = new URL(region.url);
  const ca = readFileSync(region.certificateAuthority);
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const options = { host: '127.0.0.1', servername: hostname, port: Number(port), ca };
    const socket = connect(options, () => {
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      socket.write(body);
    });
    socket.setTimeout(silenceTimeoutMs, () => socket.destroy(new Error('the region is silent')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.on('error', reject);
  });
  return parseReply(text);
}

function parseReply(text: string): RawReply {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = text.slice(end + 4);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: body === '' ? undefined : (JSON.parse(body) as unknown),
  };
}
