// The console's own files: two pages, the page's modules with their types taken off, and the two libraries, all from this host.
// Each has a fixed path and is read once; nothing of a request chooses a file.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

/** A file as it is sent. */
export interface Asset {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** Strong: it changes with every byte. */
  readonly etag: string;
}

export interface Assets {
  /** By path. */
  readonly files: ReadonlyMap<string, Asset>;
  /** The page of a region, for who is signed in. */
  readonly region: Asset;
  readonly signIn: Asset;
  readonly contentSecurityPolicy: string;
}

const root = '/console/assets';
const pageDir = join(import.meta.dirname, 'page');
const require = createRequire(import.meta.url);

/** What the page's modules call by name. Exact versions: package.json. */
const libraries = {
  preact: { name: 'preact.js', file: require.resolve('preact') },
  'preact/hooks': { name: 'preact-hooks.js', file: require.resolve('preact/hooks') },
  uplot: {
    name: 'uplot.js',
    // The package's main file is CommonJS.
    file: require.resolve('uplot').replace(/uPlot\.cjs\.js$/, 'uPlot.esm.js'),
  },
} as const;

const script = 'text/javascript; charset=utf-8';
const html = 'text/html; charset=utf-8';
const css = 'text/css; charset=utf-8';
const svg = 'image/svg+xml';

const importMap = JSON.stringify({
  imports: Object.fromEntries(
    Object.entries(libraries).map(([name, library]) => [name, `${root}/${library.name}`]),
  ),
});

/** Three zones, one of them hollow. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="none" stroke="#2f6fde" stroke-width="4"><circle cx="16" cy="8" r="5" fill="#2f6fde"/><circle cx="8" cy="23" r="5" fill="#2f6fde"/><circle cx="24" cy="23" r="5"/></g></svg>';

/** Reads and prepares all files: call it once. */
export function createAssets(): Assets {
  const files = new Map<string, Asset>();
  for (const name of readdirSync(pageDir)) {
    const text = (): string => readFileSync(join(pageDir, name), 'utf8');
    if (name.endsWith('.ts'))
      files.set(`${root}/${name}`, assetOf(script, stripTypeScriptTypes(text())));
    if (name.endsWith('.css')) files.set(`${root}/${name}`, assetOf(css, text()));
  }
  for (const { name, file } of Object.values(libraries))
    files.set(`${root}/${name}`, assetOf(script, readFileSync(file)));
  const chartStyle = require.resolve('uplot/dist/uPlot.min.css');
  files.set(`${root}/uplot.css`, assetOf(css, readFileSync(chartStyle)));
  files.set(`${root}/icon.svg`, assetOf(svg, icon));
  return {
    files,
    region: assetOf(html, htmlOf('Zonehold console', 'main.ts')),
    signIn: assetOf(html, htmlOf('Sign in · Zonehold console', 'sign-in.ts')),
    contentSecurityPolicy: policy(),
  };
}

/** The theme is chosen before anything is painted; a module would come too late. */
function htmlOf(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${root}/icon.svg" type="image/svg+xml">
<script src="${root}/first-paint.ts"></script>
<link rel="stylesheet" href="${root}/uplot.css">
<link rel="stylesheet" href="${root}/console.css">
<script type="importmap">${importMap}</script>
<script type="module" src="${root}/${main}"></script>
</head>
<body>
<div id="page"></div>
<noscript>The console needs scripts. On a terminal: npx zonehold status</noscript>
</body>
</html>
`;
}

/** Nothing but this host's own files; the only thing inside a page is the import map, by its digest. */
function policy(): string {
  const digest = createHash('sha256').update(importMap).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${digest}'`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function assetOf(contentType: string, content: string | Buffer): Asset {
  const bytes = Buffer.from(content);
  const digest = createHash('sha256').update(bytes).digest('base64url');
  return { contentType, bytes, etag: `"${digest}"` };
}
