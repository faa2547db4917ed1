// House rules about files that the linter cannot see: every rule here is a test that names the offender.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = tracked.filter((path) => /\.(ts|mjs|lua)$/.test(path));
const workspaces = tracked
  .filter((path) => /^(apps|libs|tools)\/[^/]+\/package\.json$/.test(path))
  .map((path) => ({ folder: path.replace('/package.json', ''), manifest: manifestOf(path) }));

interface Manifest {
  readonly nx?: { readonly tags?: readonly string[] };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(path: string): Manifest {
  return JSON.parse(read(path)) as Manifest;
}

describe('the house', () => {
  it('has no file over 400 lines, Lua and set-up scripts included', () => {
    const long = sources
      .filter((path) => !path.includes('.test.'))
      .map((path) => ({ path, lines: read(path).split('\n').length }))
      .filter(({ lines }) => lines > 401);
    expect(long).toEqual([]);
  });

  it('tags every project by type and by what it may hold', () => {
    const untagged = workspaces.filter(({ manifest }) => {
      const tags = manifest.nx?.tags ?? [];
      return (
        !tags.some((tag) => tag.startsWith('type:')) ||
        !tags.some((tag) => tag.startsWith('holds:'))
      );
    });
    expect(untagged.map(({ folder }) => folder)).toEqual([]);
  });

  it('lets only crypto and crypto-worker hold plaintext key material', () => {
    const holders = workspaces.filter(({ manifest }) =>
      manifest.nx?.tags?.includes('holds:plaintext'),
    );
    expect(holders.map(({ folder }) => folder).toSorted()).toEqual([
      'apps/crypto-worker',
      'libs/crypto',
    ]);
  });

  it('gives every lib a README', () => {
    const silent = workspaces.filter(
      ({ folder }) => folder.startsWith('libs/') && !tracked.includes(`${folder}/README.md`),
    );
    expect(silent.map(({ folder }) => folder)).toEqual([]);
  });

  it('opens every source file but tests with a comment that says what it is', () => {
    const mute = sources.filter((path) => {
      if (path.includes('.test.')) return false;
      const [first = '', second = ''] = read(path).split('\n');
      return (
        !/^(\/\/|--|\/\*)/.test(first.startsWith('#!') ? second : first) &&
        !path.endsWith('/index.ts')
      );
    });
    expect(mute).toEqual([]);
  });

  it('loads every Lua script from exactly one TypeScript file', () => {
    const scripts = tracked.filter((path) => path.endsWith('.lua'));
    const typescript = sources.filter((path) => path.endsWith('.ts') && !path.includes('.test.'));
    const loaders = scripts.map((script) => {
      const name = script.slice(script.lastIndexOf('/') + 1);
      return {
        script,
        loaders: typescript.filter((path) => read(path).includes(`'${name}'`)).length,
      };
    });
    expect(loaders.filter((entry) => entry.loaders !== 1)).toEqual([]);
    expect(scripts.length).toBeGreaterThan(0);
  });

  it('leaves no reminder, skipped or focused test behind', () => {
    const reminder = new RegExp(['TO', 'DO|FIX', 'ME|X', 'XX'].join(''));
    const lazy = new RegExp(
      ['\\b(it|test|describe|suite)\\.(sk', 'ip|on', 'ly|to', 'do)\\b'].join(''),
    );
    const offenders = sources.filter((path) => reminder.test(read(path)) || lazy.test(read(path)));
    expect(offenders).toEqual([]);
  });

  it('has no folder or file named utils, common or helpers', () => {
    expect(tracked.filter((path) => /(^|\/)(utils?|common|helpers?)(\.|\/)/i.test(path))).toEqual(
      [],
    );
  });

  it('imports only what each package declares', () => {
    const importPattern = /from '((?:@[a-z-]+\/)?[a-z][a-z0-9.-]*)(?:\/[^']*)?'/g;
    const missing = workspaces.flatMap(({ folder, manifest }) => {
      const { dependencies = {}, devDependencies = {} } = manifest;
      const declared = new Set([
        ...Object.keys({ ...dependencies, ...devDependencies }),
        'vitest',
        'fast-check',
      ]);
      return sources
        .filter((path) => path.startsWith(`${folder}/src/`) && path.endsWith('.ts'))
        .flatMap((path) =>
          [...read(path).matchAll(importPattern)].map((match) => ({ path, name: match[1] ?? '' })),
        )
        .filter(({ name }) => !name.startsWith('node:') && !declared.has(name));
    });
    expect(missing).toEqual([]);
  });
});
