// Seeds: the one in the repository, and what is wrong with others.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSeed, readSeedText } from './seed-file.ts';
import { seededKeyLines, seededVariables } from './seed-tenant.ts';

const defaultPath = join(import.meta.dirname, '../../../../docker/dev-seed.yaml');
const defaultText = readSeedText(defaultPath);
const parse = (text: string) => parseSeed(text, 'seed.yaml');
const instance = `instances:
  - id: d0000000-0000-4000-8000-000000000001
    name: demo
    keys:
      - id: d0000000-0000-4000-8000-0000000000a1
        name: a key
        extractable: false
        payload: ZGV2ZWxvcG1lbnQtb25seS1yb290LWtleS0wMDAwMDE=
`;

describe('the seed of the repository', () => {
  const seed = parse(defaultText);

  it('names an instance, an API key of every role, and keys of every kind', () => {
    expect(Object.keys(seededVariables(seed)).toSorted()).toEqual([
      'KEY_PROTECT_API_KEY',
      'KEY_PROTECT_API_KEY_KEYPURGE',
      'KEY_PROTECT_API_KEY_MANAGER2',
      'KEY_PROTECT_API_KEY_READER',
      'KEY_PROTECT_API_KEY_READERPLUS',
      'KEY_PROTECT_API_KEY_WRITER',
      'KEY_PROTECT_INSTANCE_ID',
      'KEY_PROTECT_INSTANCE_ID_2',
    ]);
    expect(seededVariables(seed).KEY_PROTECT_API_KEY).toBe(
      'ApiKey-dev-manager.development-only-manager-000000000000000000',
    );
    expect(seededKeyLines(seed)).toHaveLength(4);
    expect(seededKeyLines(seed)[0]).toBe(
      '  Keys         d0000000-0000-4000-8000-0000000000a1 (dev root key, root, alias dev-root)',
    );
  });
});

describe('a seed', () => {
  it('of one instance with one key is enough', () => {
    const seed = parse(instance);
    expect(seed.instances[0]?.keys).toHaveLength(1);
    expect(seededVariables(seed)).toEqual({ KEY_PROTECT_INSTANCE_ID: seed.instances[0]?.id });
  });

  it('gives client.env no API key that has another role besides, or none in the first instance', () => {
    const apiKey = (id: string, roles: string) =>
      `  - { id: ${id}, name: x, secret: ${'s'.repeat(43)}, grants: [{ instance: d0000000-0000-4000-8000-000000000001, roles: [${roles}] }] }\n`;
    const seed = parse(
      `${instance}apiKeys:\n${apiKey('both', 'Manager, Reader')}${apiKey('one', 'Manager')}`,
    );
    expect(seededVariables(seed).KEY_PROTECT_API_KEY).toBe(`one.${'s'.repeat(43)}`);
  });

  it.each([
    ['a tab', 'instances:\n\t- id: 1\n', /line 2: /],
    ['no content', '', /line 1: the file: /],
    ['no instance', 'instances: []\n', /line 1: instances: /],
    [
      'an id that is none',
      instance.replace('d0000000-0000-4000-8000-000000000001', '7'),
      /line 2: instances\.0\.id: /,
    ],
    [
      'a missing member',
      instance.replace('        extractable: false\n', ''),
      /line 5: instances\.0\.keys\.0\.extractable: /,
    ],
    [
      'an unknown member',
      `${instance}        colour: red\n`,
      /line 5: instances\.0\.keys\.0: .*colour/,
    ],
    [
      'material of a wrong length',
      instance.replace('ZGV2ZWxvcG1lbnQtb25seS1yb290LWtleS0wMDAwMDE=', 'c2hvcnQ='),
      /line 8: instances\.0\.keys\.0\.payload: must be base64 of 16, 24 or 32 bytes/,
    ],
    [
      'material that is no base64',
      instance.replace('ZGV2ZWxvcG1lbnQtb25seS1yb290LWtleS0wMDAwMDE=', '"not!"'),
      /line 8: instances\.0\.keys\.0\.payload: must be a base64 encoded value/,
    ],
    [
      'a ring that the instance lacks',
      `${instance}        keyRing: nowhere\n`,
      /line 9: instances\.0\.keys\.0\.keyRing: must be one of the instance's keyRings/,
    ],
    [
      'an alias that is reserved',
      `${instance}        aliases: [keys]\n`,
      /line 9: instances\.0\.keys\.0\.aliases: must be aliases of/,
    ],
    [
      'a standard key that rotates',
      `${instance.replace('extractable: false', 'extractable: true')}        rotations: []\n`,
      /line 9: .*rotations: must be absent/,
    ],
    [
      'a grant elsewhere',
      `${instance}apiKeys:\n  - { id: a, name: x, secret: ${'s'.repeat(43)}, grants: [{ instance: d0000000-0000-4000-8000-00000000000f, roles: [Reader] }] }\n`,
      /line 10: apiKeys\.0\.grants\.0\.instance: must be an instance of the seed/,
    ],
    [
      'a short secret',
      `${instance}apiKeys:\n  - { id: a, name: x, secret: hush, grants: [] }\n`,
      /line 10: apiKeys\.0\.secret: must be 43/,
    ],
    [
      'one id twice',
      instance + instance.slice(instance.indexOf('\n') + 1),
      /line 9: instances\.1\.id: must not stand here twice/,
    ],
    [
      'a YAML alias',
      `${instance.replace('name: a key', 'name: &n a key')}        description: *n\n`,
      /YAML aliases are not taken/,
    ],
  ])('with %s is refused with the line and the member', (_name, text, problem) => {
    expect(() => parse(text)).toThrow(problem);
    expect(() => parse(text)).toThrow(/seed\.yaml.*Nothing was changed/s);
  });

  it('never has its secrets repeated in a refusal', () => {
    const text = `${instance}apiKeys:\n  - { id: a, name: x, secret: hush-hush, grants: [] }\n`;
    expect(() => parse(text)).not.toThrow(/hush-hush/);
  });

  it('that is not there is refused', () => {
    expect(() => readSeedText('/nowhere/seed.yaml')).toThrow(/cannot be read \(ENOENT\)/);
  });
});
