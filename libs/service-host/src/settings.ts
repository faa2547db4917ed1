// The settings file of one service: read once, checked as a whole, frozen. Problems come out together, as sentences.
// Only `apps/*/src/config.ts` extends the schema (docs/architecture.md §5).
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { logLevels } from '@zonehold/telemetry';

/** BSD's EX_CONFIG: the launcher does not restart a service that exits with it. */
export const settingsExitCode = 78;

export const serviceNames = ['gateway', 'key-manager', 'crypto-worker', 'health-monitor'] as const;

/** Names go into certificates, metric labels and file names: short and plain. */
const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, at most 63');
const pathSchema = z.string().min(1, 'must be a path');

/** What every service's settings have. Extend with `commonSettings.extend({...})`: unknown members stay refused. */
export const commonSettings = z.strictObject({
  region: nameSchema,
  zone: nameSchema,
  service: z.enum(serviceNames),
  clusterId: nameSchema,
  topologyPath: pathSchema,
  tls: z.strictObject({ caPath: pathSchema, certPath: pathSchema, keyPath: pathSchema }),
  logLevel: z.enum(logLevels),
  /** Only in a development region: where its controls lie (dev-mode.ts). */
  dev: z.strictObject({ controlsPath: pathSchema }).optional(),
  /** Only in a region that was started with faults: where the rules lie (fault-injector.ts). */
  faults: z.strictObject({ dir: pathSchema }).optional(),
});

export type CommonSettings = z.infer<typeof commonSettings>;

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Checks one JSON text against a schema. Pure. `source` names it in the sentences. */
export function parseJson<Value>(
  schema: z.ZodType<Value>,
  text: string,
  source: string,
): Parsed<Value> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problems: [`${source} is not JSON.`] };
  }
  const result = schema.safeParse(json);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.map((issue) => sentence(issue, source)) };
}

/**
 * Reads the JSON file named by `ZONEHOLD_SETTINGS`, or by the first argument, or zone 1's of the checkout. With any problem it prints all of them to
 * stderr and exits with 78; it returns only sound settings.
 */
export function loadSettings<Value>(schema: z.ZodType<Value>): Value {
  const path =
    process.env['ZONEHOLD_SETTINGS'] ??
    process.argv[2] ??
    developmentSettingsPath(process.argv[1] ?? '');
  const text = readOrExplain(path, 'settings file');
  const parsed = text.ok ? parseJson(schema, text.value, `The settings file ${path}`) : text;
  return parsed.ok ? Object.freeze(parsed.value) : exitWithProblems(parsed.problems);
}

/**
 * What `nx serve <app>` runs with: the settings that `npm start` wrote in the checkout for the first zone. `program` is the absolute
 * path of `apps/<app>/src/main.ts`.
 */
export function developmentSettingsPath(program: string): string {
  const app = dirname(dirname(program));
  return join(app, '../../.zonehold/us-south/zones/us-south-1', `${basename(app)}.json`);
}

/** The text of a file, or a sentence why it cannot be read. */
export function readOrExplain(path: string, what: string): Parsed<string> {
  try {
    return { ok: true, value: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      ok: false,
      problems: [`The ${what} ${path} cannot be read (${code ?? 'unknown reason'}).`],
    };
  }
}

/** The one way out for a service whose settings are not sound. */
export function exitWithProblems(problems: readonly string[]): never {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(settingsExitCode);
}

function sentence(issue: z.core.$ZodIssue, source: string): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? `${source}: ${issue.message}.` : `${source}: ${path}: ${issue.message}.`;
}
