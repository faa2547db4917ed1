// What the gateway shows without a token: the OpenAPI document, and a page to read it with that asks no other host. Every file has
// a fixed path and is read once; nothing of a request chooses a file.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openApiDocument } from '@zonehold/api-contract';

/** A file as it is sent. */
export interface Page {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** Strong: it changes with every byte. */
  readonly etag: string;
}

const require = createRequire(import.meta.url);
const fileOf = (name: string): Buffer => readFileSync(require.resolve(`swagger-ui-dist/${name}`));

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Zonehold</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, validatorUrl: null });
`;

/** Nothing but this host's own files, and no script or style inside the page. Icons are data in the style sheet. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** All pages by path. Reads files: call it once. */
export function createPages(): ReadonlyMap<string, Page> {
  const script = 'text/javascript; charset=utf-8';
  return new Map([
    ['/openapi.json', pageOf('application/json', JSON.stringify(openApiDocument()))],
    ['/docs', pageOf('text/html; charset=utf-8', html)],
    ['/docs/start.js', pageOf(script, startScript)],
    ['/docs/swagger-ui-bundle.js', pageOf(script, fileOf('swagger-ui-bundle.js'))],
    ['/docs/swagger-ui.css', pageOf('text/css; charset=utf-8', fileOf('swagger-ui.css'))],
  ]);
}

function pageOf(contentType: string, content: string | Buffer): Page {
  const bytes = Buffer.from(content);
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { contentType, bytes, etag: `"${digest}"` };
}
