// A client that lost its connection sends the same create again: one key, not two. As the Go SDK does: same Correlation-Id.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { attachRegion } from './region.ts';
import { refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const manager = new SdkClient(region.sdkOptions('MANAGER'));

afterAll(() => manager.close());

/** Sends a create over a bare TLS connection and cuts it as soon as the request has left. */
async function createAndCut(name: string, correlationId: string, token: string): Promise<void> {
  const { hostname, port } = new URL(region.url);
  const body = createBody(name);
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', servername: hostname, port: Number(port) }, () => {
      socket.write(
        `POST /api/v2/keys HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\n` +
          `Bluemix-Instance: ${region.instanceId}\r\nCorrelation-Id: ${correlationId}\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        () => {
          socket.destroy();
          resolve();
        },
      );
    });
    socket.once('error', reject);
  });
}

function createBody(name: string): string {
  return JSON.stringify({
    metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
    resources: [{ type: 'application/vnd.ibm.kms.key+json', name, extractable: false }],
  });
}

async function create(
  name: string,
  headers: Record<string, string>,
  token: string,
): Promise<{ status: number; id: string }> {
  const response = await fetch(`${region.url}/api/v2/keys`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'bluemix-instance': region.instanceId,
      ...headers,
    },
    body: createBody(name),
  });
  const reply = (await response.json()) as { resources: { id: string }[] };
  return { status: response.status, id: reply.resources[0]?.id ?? '' };
}

async function keysNamed(name: string): Promise<number> {
  return (await manager.listKeys({ limit: 5000 })).filter((key) => key.name === name).length;
}

describe('a create that is sent again', () => {
  it('with the same Correlation-Id and body, after a cut connection, gives one key', async () => {
    const token = await region.bearerToken('MANAGER');
    for (let round = 0; round < 20; round += 1) {
      const name = `cut ${randomUUID()}`;
      const correlationId = randomUUID();
      await createAndCut(name, correlationId, token);
      const [first, second] = await Promise.all([
        create(name, { 'correlation-id': correlationId }, token),
        create(name, { 'correlation-id': correlationId }, token),
      ]);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.id).toBe(first.id);
      expect(await keysNamed(name)).toBe(1);
    }
  });

  it('with the same Idempotency-Key gives the same key, and with another body a conflict', async () => {
    const token = await region.bearerToken('MANAGER');
    const key = { 'idempotency-key': randomUUID() };
    const name = `idempotent ${randomUUID()}`;
    const first = await create(name, key, token);
    const second = await create(name, key, token);
    expect(second).toEqual(first);
    expect((await create(`${name} changed`, key, token)).status).toBe(409);
    expect(await keysNamed(name)).toBe(1);
  });

  it('without any token gives two keys, as two creates should', async () => {
    const token = await region.bearerToken('MANAGER');
    const name = `twice ${randomUUID()}`;
    const first = await create(name, {}, token);
    const second = await create(name, {}, token);
    expect(second.id).not.toBe(first.id);
  });

  it('a rotate sent twice with one Correlation-Id rotates once and both answers are 204', async () => {
    const token = await region.bearerToken('MANAGER');
    const key = await manager.createKey({ name: 'rotated once', extractable: false });
    const correlationId = randomUUID();
    const rotate = async (): Promise<number> =>
      (
        await fetch(`${region.url}/api/v2/keys/${key.id}/actions/rotate`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            'bluemix-instance': region.instanceId,
            'correlation-id': correlationId,
          },
          body: 'null',
        })
      ).status;
    expect([await rotate(), await rotate()]).toEqual([204, 204]);
    expect(await manager.versions(key.id)).toHaveLength(2);
    expect((await refusalOf(manager.rotate(key.id))).code).toBe('KEY_ROTATION_NOT_PERMITTED');
  });
});
