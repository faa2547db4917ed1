// A hop between a client and the region that loses the first answer: the request was applied, and the client is not told.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestRegion } from './region.ts';

/** One request that reached the region, with what it answered. */
export interface Passed {
  readonly status: number | undefined;
  readonly correlationId: string | undefined;
}

/** Listens on loopback with the certificate of a zone's public edge. */
export class CuttingProxy {
  readonly passed: Passed[] = [];
  readonly #region: TestRegion;
  readonly #server: Server;

  constructor(region: TestRegion) {
    this.#region = region;
    const files = join(region.regionDir, 'zones', region.zones[0] ?? '');
    this.#server = createServer(
      {
        cert: readFileSync(join(files, 'gateway-edge.crt')),
        key: readFileSync(join(files, 'gateway-edge.key')),
      },
      (request, response) => this.#pass(request, response),
    );
  }

  /** Gives the base URL for a client. */
  async listen(): Promise<string> {
    this.#server.listen({ host: '127.0.0.1', port: 0 });
    await once(this.#server, 'listening');
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const ca = readFileSync(this.#region.certificateAuthority);
    const { method, headers, url } = request;
    const outgoing = ask(`${this.#region.url}${url}`, { method, headers, ca }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const correlationId = request.headers['correlation-id']?.toString();
        this.passed.push({ status: answer.statusCode, correlationId });
        if (this.passed.length === 1) response.socket?.destroy();
        else response.writeHead(answer.statusCode ?? 0, answer.headers).end(Buffer.concat(chunks));
      });
    });
    outgoing.on('error', () => response.socket?.destroy());
    request.pipe(outgoing);
  }
}
