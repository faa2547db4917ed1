// Plain HTTPS to the region: requests go out as they are given, and what comes back is not interpreted.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { OutgoingRequest, SeenAnswer } from '@zonehold/testkit';
import type { TestRegion } from './region.ts';

/** Longer than the longest deadline of the gateway and its retries. */
const answerWithinMs = 15_000;

export class RawClient {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #ca: Buffer;

  constructor(region: TestRegion, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#url = region.url;
    this.#ca = readFileSync(join(region.regionDir, 'pki', 'ca.crt'));
  }

  /** Sends one request. Rejects when the connection breaks, or when there is no answer in 15 s. */
  send = ({ method, url, headers, body }: OutgoingRequest): Promise<SeenAnswer> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.#url);
      const outgoing = request(
        // The path goes out as it stands: URL would mend it.
        { ...{ hostname, port, path: url, method, headers }, ca: this.#ca, agent: this.#agent },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () => {
            clearTimeout(limit);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
        },
      );
      const limit = setTimeout(
        () => outgoing.destroy(new Error(`no answer in ${answerWithinMs} ms`)),
        answerWithinMs,
      );
      outgoing.on('error', (error) => {
        clearTimeout(limit);
        reject(error);
      });
      outgoing.end(body);
    });

  close(): void {
    this.#agent.destroy();
  }
}
