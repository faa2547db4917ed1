// The token endpoint serves whoever can connect: what strangers do there must not cost the others their service.
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { MeshClient } from '@zonehold/mesh';
import { systemClock, systemRandom } from '@zonehold/primitives';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { expect, it } from 'vitest';
import { RequestIds } from './correlation.ts';
import { Exchanges } from './exchange.ts';
import { TokenEndpoint } from './token-endpoint.ts';

const place = { service: 'gateway', zone: 'z', region: 'r' } as const;

it('a form that does not arrive takes no place among the requests under way', async () => {
  const log = createLog({ ...place, level: 'error' });
  const exchanges = new Exchanges({
    clock: systemClock,
    ids: new RequestIds(systemRandom),
    log,
    metrics: createMetrics(place),
  });
  // A form without a grant is refused before anybody is asked.
  const mesh = {} as MeshClient;
  const endpoint = new TokenEndpoint({ exchanges, mesh, clock: systemClock, log });
  const request = new IncomingMessage(new Socket());
  request.headers['content-length'] = '3';
  const response = new ServerResponse(request);
  const served = endpoint.handle(request, response, '/identity/token');
  expect(exchanges.inFlight).toBe(0);
  request.push('a=b');
  request.push(null);
  await served;
  expect([response.statusCode, exchanges.inFlight]).toEqual([400, 0]);
});
