// Secrets stay where they belong: markers go in as key material, payload and DEK, and every file, metric and error body is searched.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { attachRegion, filesBelow } from './region.ts';
import { SdkClient } from './sdk.ts';

const region = attachRegion();
const manager = new SdkClient(region.sdkOptions('MANAGER'));

afterAll(() => manager.close());

/** Every way a marker could be written down. */
function spellings(marker: Buffer): Buffer[] {
  return [
    marker,
    ...['base64', 'base64url', 'hex'].map((encoding) =>
      Buffer.from(marker.toString(encoding as BufferEncoding)),
    ),
  ];
}

/** Calls that are refused while they carry a marker: their error bodies must not echo it. */
async function refusedBodies(marker: string): Promise<string[]> {
  const token = await region.bearerToken('MANAGER');
  const headers = { authorization: `Bearer ${token}`, 'bluemix-instance': region.instanceId };
  const attempts: readonly [string, string][] = [
    [
      'keys',
      JSON.stringify({
        metadata: {},
        resources: [{ name: 'leaky', extractable: false, payload: marker }],
      }),
    ],
    [
      'keys',
      JSON.stringify({
        metadata: { collectionTotal: 1 },
        resources: [{ name: 'leaky', extractable: false, payload: `${marker}!` }],
      }),
    ],
    [
      'keys/00000000-0000-4000-8000-000000000000/actions/wrap',
      JSON.stringify({ plaintext: `${marker}!` }),
    ],
    ['keys/00000000-0000-4000-8000-000000000000/actions/wrap', `{"plaintext":"${marker}"`],
    [
      'keys/00000000-0000-4000-8000-000000000000/actions/unwrap',
      JSON.stringify({ ciphertext: marker }),
    ],
  ];
  return Promise.all(
    attempts.map(async ([path, body]) => {
      const response = await fetch(`${region.url}/api/v2/${path}`, {
        method: 'POST',
        headers,
        body,
      });
      expect(response.status).toBeGreaterThanOrEqual(400);
      return response.text();
    }),
  );
}

describe('key material', () => {
  it('appears in no log line, metric, error body, Redis value or file of the region', async () => {
    const imported = randomBytes(32);
    const payload = randomBytes(48);
    const dek = randomBytes(32);
    const rootKey = await manager.createKey({
      name: 'canary root',
      extractable: false,
      payload: imported.toString('base64'),
    });
    const standard = await manager.createKey({
      name: 'canary standard',
      extractable: true,
      payload: payload.toString('base64'),
    });
    const generated = await manager.createKey({ name: 'canary generated', extractable: true });
    const generatedPayload = Buffer.from(
      (await manager.getKey(generated.id)).payload ?? '',
      'base64',
    );
    expect((await manager.getKey(standard.id)).payload).toBe(payload.toString('base64'));
    const wrapped = await manager.wrap(rootKey.id, { plaintext: dek.toString('base64') });
    await manager.unwrap(rootKey.id, { ciphertext: wrapped.ciphertext });
    const madeDek = Buffer.from((await manager.wrap(rootKey.id)).plaintext ?? '', 'base64');
    expect([generatedPayload.length, madeDek.length]).toEqual([32, 32]);

    const errorBodies = await refusedBodies(imported.toString('base64'));
    const metrics = await region.allMetrics();
    const files = filesBelow(region.regionDir).filter((path) => !path.endsWith('.sock'));
    expect(files.some((path) => path.endsWith('.aof'))).toBe(true);
    expect(files.some((path) => path.endsWith('.log'))).toBe(true);

    const places = [
      ...errorBodies.map((text) => ({ where: 'an error body', bytes: Buffer.from(text) })),
      ...metrics.map(({ service, text }) => ({
        where: `metrics of ${service}`,
        bytes: Buffer.from(text),
      })),
      ...files.map((path) => ({ where: path, bytes: readFileSync(path) })),
    ];
    const markers = { imported, payload, dek, generatedPayload, madeDek };
    const found = Object.entries(markers).flatMap(([name, marker]) =>
      spellings(marker).flatMap((spelling) =>
        places
          .filter(({ bytes }) => bytes.includes(spelling))
          .map(({ where }) => `${name} in ${where}`),
      ),
    );
    expect(found).toEqual([]);
    // The search itself can find something: the key's name is in Redis in the clear.
    expect(
      places.some(({ where, bytes }) => where.endsWith('.aof') && bytes.includes(rootKey.id)),
    ).toBe(true);
  });

  it('nor do API key secrets or bearer tokens, outside client.env', async () => {
    const secret = region.apiKey('MANAGER').split('.')[1] ?? '';
    expect(secret.length).toBeGreaterThanOrEqual(43);
    const token = await region.bearerToken('MANAGER');
    const signature = token.split('.')[2] ?? '';
    const found = filesBelow(region.regionDir)
      .filter((path) => !path.endsWith('.sock') && !path.endsWith('client.env'))
      .filter((path) => {
        const bytes = readFileSync(path);
        return bytes.includes(secret) || bytes.includes(signature);
      });
    expect(found).toEqual([]);
  });
});
