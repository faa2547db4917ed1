// Many keys, fast: raw HTTPS over kept connections, since thousands through the SDK would take minutes.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { TestRegion } from './region.ts';

/** Requests under way at once: what three gateways take without queueing. */
const connections = 24;
const keyType = 'application/vnd.ibm.kms.key+json';

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Creates `count` root keys and returns their ids. Fails at the first refusal. */
export async function makeKeys(region: TestRegion, count: number): Promise<string[]> {
  const body = JSON.stringify({
    metadata: { collectionType: keyType, collectionTotal: 1 },
    resources: [{ type: keyType, name: 'one of many', extractable: false }],
  });
  const ids: string[] = [];
  await inParallel(region, Array.from({ length: count }), async (_index, send) => {
    const { status, text } = await send('POST', '/api/v2/keys', body);
    if (status !== 201) throw new Error(`a key was refused: ${status} ${text}`);
    const reply = JSON.parse(text) as { resources: { id: string }[] };
    ids.push(reply.resources[0]?.id ?? '');
  });
  return ids;
}

/** Those of `ids` that the region does not show as active keys. */
export async function missingKeys(region: TestRegion, ids: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  await inParallel(region, ids, async (id, send) => {
    const { status, text } = await send('GET', `/api/v2/keys/${id}/metadata`);
    const reply = JSON.parse(text) as { resources?: { id: string; state: number }[] };
    const isActive = status === 200 && reply.resources?.[0]?.state === 1;
    if (!isActive) missing.push(id);
  });
  return missing;
}

type Send = (method: string, path: string, body?: string) => Promise<Reply>;

async function inParallel<Item>(
  region: TestRegion,
  items: readonly Item[],
  task: (item: Item, send: Send) => Promise<void>,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const options = {
    agent,
    ca: readFileSync(join(region.regionDir, 'pki', 'ca.crt')),
    headers: {
      authorization: `Bearer ${await region.bearerToken('MANAGER')}`,
      'bluemix-instance': region.instanceId,
      'content-type': 'application/json',
    },
  };
  const send: Send = (method, path, body) =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${region.url}${path}`, { ...options, method }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next] as Item;
      next += 1;
      await task(item, send);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, work));
  } finally {
    agent.destroy();
  }
}
