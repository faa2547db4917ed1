// The document and the page to read it with: without a token, from this host alone, kept by whoever has them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '@zonehold/api-contract';
import { createPages } from './pages.ts';
import { startStandIn, type StandIn } from './stand-in.ts';

let region: StandIn;
beforeAll(async () => {
  region = await startStandIn();
});
afterAll(() => region.close());

const anonymous = { authorization: '', 'bluemix-instance': '' };
const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  region.send({ method, path, headers: { ...anonymous, ...headers } });

describe('the OpenAPI document', () => {
  it('is served to anybody, may be kept, and is the one of the contract', async () => {
    const answer = await get('/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['cache-control']).toBe('public, max-age=300');
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
    expect(region.asked).toEqual([]);
  });

  it('is not sent again to whoever has it', async () => {
    const etag = String((await get('/openapi.json')).headers['etag']);
    const answer = await get('/openapi.json', { 'if-none-match': etag });
    expect(answer).toMatchObject({ status: 304, text: '' });
    expect(answer.headers['etag']).toBe(etag);
    expect((await get('/openapi.json', { 'if-none-match': '"old"' })).status).toBe(200);
  });

  it('is not changed by anybody', async () => {
    const answer = await get('/openapi.json', {}, 'POST');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });
});

describe('the page', () => {
  it.each([...createPages()])(
    'serves %s with a policy that names no other host',
    async (path, page) => {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe(page.contentType);
      expect(answer.text).toBe(page.bytes.toString('utf8'));
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect((await get(path, {}, 'HEAD')).text).toBe('');
    },
  );

  it('has no script or style inside, and loads only what is served here', async () => {
    const html = (await get('/docs')).text;
    expect(html).not.toMatch(/<style|style=|<script>|onload=/);
    const loaded = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path ?? '');
    expect(loaded).toHaveLength(3);
    for (const path of loaded) expect(createPages().has(path)).toBe(true);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it.each(['/docs/../package.json', '/docs/index.html', '/docs/swagger-ui.js', '/docs/%2e%2e/x'])(
    'serves no other file: %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});
