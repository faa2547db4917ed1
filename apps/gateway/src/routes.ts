// Every path of the edge on express, from the one operation table. Express only finds the route: the handlers write their
// answers themselves, so that the hot path's are the same byte for byte.
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
  const { operationHandler, tokenEndpoint } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  // Aliases are case-sensitive (reference §13): one named REGISTRATIONS is not the path of all registrations.
  app.enable('case sensitive routing');
  for (const path of tokenPaths) {
    app.all(path, (request, response, next) => {
      if (request.method === 'POST') void tokenEndpoint.handle(request, response, path);
      else next();
    });
  }
  const pages = createPages();
  for (const [path, page] of pages) {
    app.all(path, (request, response, next) => {
      if (request.method === 'GET' || request.method === 'HEAD')
        show(options, request, response, page);
      else next();
    });
  }
  for (const row of operations) {
    app.all(row.path, (request, response, next) => {
      if (request.method === row.method) {
        void operationHandler.handle(request, response, targetOf(row, request));
      } else next();
    });
  }
  for (const [path, methods] of methodsByPath([...pages.keys()])) {
    app.all(path, (request, response) => {
      refuse(options, request, response, { code: 'METHOD_NOT_ALLOWED_ERR' }, [
        'Allow',
        methods.join(', '),
      ]);
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

function methodsByPath(pages: readonly string[]): Map<string, string[]> {
  const methods = new Map<string, string[]>([
    ...tokenPaths.map((path): [string, string[]] => [path, ['POST']]),
    ...pages.map((path): [string, string[]] => [path, ['GET', 'HEAD']]),
  ]);
  for (const { path, method } of operations)
    methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
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

function refuse(
  { exchanges }: RoutesOptions,
  request: Request,
  response: Response,
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
