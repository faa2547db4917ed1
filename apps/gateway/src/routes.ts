// Every path of the edge on express, from the one operation table. Express only finds the route: the handlers write their
// answers themselves, so that the hot path's are the same byte for byte.
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { operations, type ApiRefusal, type OperationRow } from '@zonehold/api-contract';
import { edgeLimits } from '@zonehold/service-host';
import type { Log } from '@zonehold/telemetry';
import { refusalAnswer } from './error-response.ts';
import type { Exchanges } from './exchange.ts';
import type { OperationHandler, OperationTarget } from './operation-handler.ts';
import { createPages, type Page } from './pages.ts';
import { tokenPaths, type TokenEndpoint } from './token-endpoint.ts';

export interface RoutesOptions {
  readonly exchanges: Exchanges;
  readonly operationHandler: OperationHandler;
  readonly tokenEndpoint: TokenEndpoint;
  readonly log: Log;
}

/** The express application: operations, the token endpoint, the pages, and contract-shaped 404 and 405 for the rest. */
export function createRoutes(options: RoutesOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  // Aliases are case-sensitive (reference §13): one named REGISTRATIONS is not the path of all registrations.
  app.enable('case sensitive routing');
  for (const [path, serve] of served(options)) {
    const allow = ['Allow', [...serve.keys()].join(', ')];
    app.all(path, (request, response) => {
      const handle = serve.get(request.method);
      if (handle !== undefined) handle(request, response);
      else refuse(options, request, response, { code: 'METHOD_NOT_ALLOWED_ERR' }, allow);
    });
  }
  app.use((request, response) =>
    refuse(options, request, response, { code: 'ROUTE_NOT_FOUND_ERR' }),
  );
  app.use(routingFailed(options));
  return app;
}

/** A path parameter is a text: wildcards, which express gives as lists, are not used. */
function targetOf(row: OperationRow, request: Request): OperationTarget {
  const { keyRef, subRef } = request.params;
  return {
    operation: row.name,
    ...(typeof keyRef === 'string' ? { keyRef } : {}),
    ...(typeof subRef === 'string' ? { subRef } : {}),
  };
}

type Handle = (request: Request, response: Response) => void;

/** What each path serves, by method. A path without parameters comes before those that it fits too: it wins, for every method. */
function served(options: RoutesOptions): readonly (readonly [string, Map<string, Handle>])[] {
  const { operationHandler, tokenEndpoint } = options;
  const paths = new Map<string, Map<string, Handle>>();
  const add = (path: string, method: string, handle: Handle): void => {
    paths.set(path, (paths.get(path) ?? new Map<string, Handle>()).set(method, handle));
  };
  for (const path of tokenPaths) {
    add(path, 'POST', (request, response) => void tokenEndpoint.handle(request, response, path));
  }
  for (const [path, page] of createPages()) {
    for (const method of ['GET', 'HEAD'])
      add(path, method, (request, response) => show(options, request, response, page));
  }
  for (const row of operations) {
    add(row.path, row.method, (request, response) => {
      void operationHandler.handle(request, response, targetOf(row, request));
    });
  }
  return [...paths].toSorted(([a], [b]) => Number(a.includes(':')) - Number(b.includes(':')));
}

/** A public file, or that the client has it already. */
function show(
  { exchanges }: RoutesOptions,
  request: Request,
  response: Response,
  page: Page,
): void {
  const exchange = exchanges.begin(request, response);
  const isKnown = request.headers['if-none-match'] === page.etag;
  exchanges.end(exchange, { status: isKnown ? 304 : 200, page }, { operation: 'page', route: '-' });
}

/** Answers a request that means no operation. */
export function refuse(
  { exchanges }: Pick<RoutesOptions, 'exchanges'>,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: ApiRefusal,
  headers: readonly string[] = [],
): void {
  const exchange = exchanges.begin(request, response);
  const isFull = exchanges.inFlight > edgeLimits.inFlightMax;
  const answer = refusalAnswer(isFull ? { code: 'TOO_MANY_REQUESTS_ERR' } : refusal);
  const all = [...(answer.headers ?? []), ...headers];
  exchanges.end(exchange, { ...answer, headers: all }, { operation: 'none', route: '-' });
}

/** Express itself fails on one thing only: a path with a broken percent code. Anything else is a bug of ours. */
function routingFailed(options: RoutesOptions): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    if (error instanceof URIError)
      refuse(options, request, response, { code: 'ROUTE_NOT_FOUND_ERR' });
    else {
      options.log.error('routing.failed', { error });
      refuse(options, request, response, { code: 'INTERNAL_ERR' });
    }
  };
}
