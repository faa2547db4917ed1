// Which Redis settings an acceptor may vote with, as a table. Pure: redis-gate.ts asks Redis, this judges the answers.
// What each of them costs when wrong: docker/redis.conf and mesh reference A3.

/** Settings that CONFIG GET must answer with exactly this. */
const demanded: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'aof-load-truncated': 'no',
  'maxmemory-policy': 'noeviction',
};

/** Facts that INFO must answer with exactly this. */
const demandedFacts: Readonly<Record<string, string>> = {
  role: 'master',
  aof_enabled: '1',
  aof_last_write_status: 'ok',
  loading: '0',
};

export const guardedSettings: readonly string[] = Object.keys(demanded);

/** Sections of INFO that hold `demandedFacts` and the run id. */
export const guardedSections: readonly string[] = ['server', 'replication', 'persistence'];

/** A sentence for each setting or fact with which a promise could be lost; empty when all are safe. */
export function unsafeSettings(
  settings: ReadonlyMap<string, string>,
  facts: ReadonlyMap<string, string>,
): string[] {
  return [
    ...complaints('setting', demanded, settings),
    ...complaints('fact', demandedFacts, facts),
  ];
}

function complaints(
  what: string,
  wanted: Readonly<Record<string, string>>,
  found: ReadonlyMap<string, string>,
): string[] {
  return Object.entries(wanted)
    .filter(([name, value]) => found.get(name) !== value)
    .map(([name, value]) => `${what} ${name} is ${found.get(name) ?? 'unknown'}, must be ${value}`);
}

/** `name:value` lines of INFO. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const facts = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) facts.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return facts;
}

/** The flat name, value, name, value ... of CONFIG GET. */
export function parsePairs(flat: readonly string[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (let index = 0; index + 1 < flat.length; index += 2)
    pairs.set(flat[index] ?? '', flat[index + 1] ?? '');
  return pairs;
}
