// The rules for Prometheus: sound by its own tool, proven by its own tests, about metrics that exist, each alert with its page.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'docker/prometheus');
const read = (...parts: string[]): string => readFileSync(join(root, ...parts), 'utf8');
const filesOf = (path: string, ending: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(path, name));

const ruleFiles = filesOf(folder, '.rules.yml');
const testFiles = filesOf(join(folder, 'tests'), '.test.yml');
const rules = ruleFiles.map((path) => readFileSync(path, 'utf8')).join('\n');
const tests = testFiles.map((path) => readFileSync(path, 'utf8')).join('\n');
/** Each alert with the lines up to the next. */
const alerts = rules.split(/^ +- (?=alert: |record: )/m).flatMap(
  (text) =>
    /^alert: (\w+)/
      .exec(text)
      ?.slice(1)
      .map((name) => ({ name, text })) ?? [],
);

/** A promtool that is missing has no status, and fails here. */
function promtool(...words: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
}

describe('the rules for Prometheus', () => {
  it('are sound', () => {
    expect(ruleFiles.length).toBe(3);
    expect(promtool('check', 'rules', '--lint-fatal', ...ruleFiles)).toMatchObject({ status: 0 });
  });

  it('come with a configuration that is sound', () => {
    const path = join(folder, 'prometheus.yml');
    expect(promtool('check', 'config', '--lint-fatal', path)).toMatchObject({ status: 0 });
  });

  it.each(testFiles.map((path) => path.slice(root.length + 1)))(
    'are loud and quiet when they should be: %s',
    (path) => {
      const { status, output } = promtool('test', 'rules', join(root, path));
      expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
    },
    60_000,
  );

  it('are each seen firing in a test', () => {
    const fired = namesIn(tests, /labels: '(?:ALERTS)?\{alertname="(\w+)"/g);
    expect(fired.toSorted()).toEqual(alerts.map(({ name }) => name).toSorted());
  });

  it.each(alerts.map(({ name, text }) => [name, text]))(
    'say what %s means and what to do',
    (_name, text) => {
      for (const part of ['summary', 'description', 'runbook']) {
        expect(text).toMatch(new RegExp(`^ {10}${part}: '.{20,}'$`, 'm'));
      }
      expect(text).toMatch(/severity: (page|ticket|info) /);
    },
  );

  it('have a page for each alert, and for nothing else', () => {
    const described = namesIn(read('docs/operations/alerts.md'), /^### (\w+)$/gm);
    expect(described.toSorted()).toEqual(alerts.map(({ name }) => name).toSorted());
  });

  it('speak of metrics and operations that exist', () => {
    const known = new Set(
      namesIn(read('libs/telemetry/src/metric-table.ts'), /name: '(kms_\w+)'/g),
    );
    const meant = namesIn(rules, /(?<![:\w])(kms_\w+)/g).map((name) =>
      name.replace(/_bucket$/, ''),
    );
    expect(meant.filter((name) => !known.has(name))).toEqual([]);
    const rows = ['operation-rows.ts', 'operation-rows-other.ts'].map((name) =>
      read('libs/api-contract/src/public', name),
    );
    const operations = new Set(namesIn(rows.join('\n'), /^ {2}(\w+): \{$/gm));
    const named = namesIn(rules, /operation!?~"([^"]+)"/g).flatMap((list) => list.split('|'));
    expect(named.filter((name) => !operations.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
  });

  it('tell no tenant, key or address', () => {
    expect(rules).not.toMatch(/instanceId|keyId|account|credentialId|tenant_|client_address/);
  });
});
