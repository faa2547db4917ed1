// Reads a page of a service's ops port: plain HTTP on loopback (docs/decisions/0001).
import { get } from 'node:http';

export interface OpsListener {
  readonly host: string;
  readonly opsPort: number;
}

/** A paused process accepts connections and says nothing. */
const timeoutMs = 900;
const pageMaxChars = 4_000_000;

/** The page; undefined when there is none now, or it is no success. */
export function opsPage({ host, opsPort }: OpsListener, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host, port: opsPort, path, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > pageMaxChars) response.destroy();
      });
      response.on('error', () => resolve(undefined));
      response.on('close', () => {
        resolve(response.complete && response.statusCode === 200 ? text : undefined);
      });
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

/** The JSON document at `path`; undefined when there is none. */
export async function opsDocument(listener: OpsListener, path: string): Promise<unknown> {
  const text = await opsPage(listener, path);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
