// A seed: what a development region is planted with at its start, as a YAML file. Problems name the line and the member. Pure but
// for the reading.
import { readFileSync } from 'node:fs';
import {
  seedApiKeySchema,
  seedInstanceSchema,
  seedKeySchema,
  type SeedApiKey,
  type SeedInstance,
  type SeedKey,
} from '@zonehold/api-contract';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { refuse } from '../refusal.ts';

/** Each is a few Paxos rounds at every start. */
const instancesMax = 20;
const apiKeysMax = 100;
const keysMax = 500;
const seedMaxBytes = 1024 * 1024;
/** More than anybody mends at once. */
const problemsShownMax = 10;

const seedSchema = z
  .strictObject({
    instances: z
      .array(
        z.strictObject({
          ...seedInstanceSchema.shape,
          keys: z.array(seedKeySchema).max(keysMax).default([]),
        }),
      )
      .min(1)
      .max(instancesMax),
    apiKeys: z.array(seedApiKeySchema).max(apiKeysMax).default([]),
  })
  .superRefine((seed, context) => {
    const refuseAt = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const twice = (ids: readonly string[], pathOf: (at: number) => (string | number)[]): void =>
      ids.forEach((id, at) => {
        if (ids.indexOf(id) !== at) refuseAt(pathOf(at), 'must not stand here twice');
      });
    const instanceIds = seed.instances.map(({ id }) => id);
    twice(instanceIds, (at) => ['instances', at, 'id']);
    seed.instances.forEach(({ keys, keyRings = [] }, inSeed) => {
      const below = (at: number, member: string) => ['instances', inSeed, 'keys', at, member];
      const keyIds = keys.map(({ id }) => id);
      twice(keyIds, (at) => below(at, 'id'));
      keys.forEach(({ keyRing = 'default' }, at) => {
        if (keyRing !== 'default' && !keyRings.includes(keyRing)) {
          refuseAt(below(at, 'keyRing'), "must be one of the instance's keyRings");
        }
      });
    });
    const apiKeyIds = seed.apiKeys.map(({ id }) => id);
    twice(apiKeyIds, (at) => ['apiKeys', at, 'id']);
    seed.apiKeys.forEach(({ grants }, inSeed) =>
      grants.forEach(({ instance }, at) => {
        if (!instanceIds.includes(instance)) {
          refuseAt(
            ['apiKeys', inSeed, 'grants', at, 'instance'],
            'must be an instance of the seed',
          );
        }
      }),
    );
  });

export interface Seed {
  readonly instances: readonly (SeedInstance & { readonly keys: readonly SeedKey[] })[];
  readonly apiKeys: readonly SeedApiKey[];
}

/** The text of the file. Refuses in one sentence what is not there or too long. */
export function readSeedText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    return refuse(`The seed ${path} cannot be read (${code}). Nothing was changed.`);
  }
  if (Buffer.byteLength(text) <= seedMaxBytes) return text;
  return refuse(`The seed ${path} has more than ${seedMaxBytes} bytes. Nothing was changed.`);
}

/** The seed in a YAML text. Refuses with every problem, each with its line and member; values are not repeated. */
export function parseSeed(text: string, path: string): Seed {
  const lines = new LineCounter();
  // Aliases could blow a small file up; a seed needs none.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    return refuseSeed(path, [`line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`]);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    return refuseSeed(path, ['YAML aliases are not taken: write each entry out']);
  }
  const seed = seedSchema.safeParse(value);
  if (seed.success) return seed.data;
  const problems = seed.error.issues.map(({ path: at, message }) => {
    const line = lineOf(document, lines, at as (string | number)[]);
    return `line ${line}: ${at.map(String).join('.') || 'the file'}: ${message}`;
  });
  return refuseSeed(path, problems);
}

/** Of the value at `path`, or of the nearest thing around it that is there. */
function lineOf(
  document: Document,
  lines: LineCounter,
  path: readonly (string | number)[],
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number] } | undefined;
    if (node?.range !== undefined) return lines.linePos(node.range[0]).line;
  }
  const start = isMap(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
  return lines.linePos(start).line;
}

function refuseSeed(path: string, problems: readonly string[]): never {
  const shown = problems.slice(0, problemsShownMax).map((problem) => `\n  ${problem}`);
  const hidden = problems.length - shown.length;
  const more = hidden > 0 ? `\n  and ${hidden} more` : '';
  return refuse(
    `The seed ${path} cannot be planted:${shown.join('')}${more}\nNothing was changed.`,
  );
}
