// Reads a JSON page of a service's ops port: plain HTTP on loopback, nothing secret (docs/decisions/0001).
import { get } from 'node:http';

export interface OpsListener {
  readonly host: string;
  readonly opsPort: number;
}

/** A service that needs longer is itself news. */
const timeoutMs = 1_000;
/** A view of nine zones is a few kilobytes. */
const replyMaxChars = 1_000_000;

/** The document at `path`; undefined when there is no answer, or it is no JSON. */
export function askOps({ host, opsPort }: OpsListener, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const url = { host, port: opsPort, path, timeout: timeoutMs };
    const request = get(url, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > replyMaxChars) response.destroy();
      });
      response.on('error', () => resolve(undefined));
      response.on('close', () => resolve(parse(text)));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
