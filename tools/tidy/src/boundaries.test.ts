// The boundaries are checked by the linter; this checks the linter: forbidden imports, written where they must not stand, are caught.
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** Rule ids of what the linter says about `source` at the head of an existing file. */
async function rulesBroken(file: string, source: string): Promise<string[]> {
  // Where CI is set, types would be read from the file as it lies on the disk, and not from `source`.
  const parserOptions = { disallowAutomaticSingleRunInference: true };
  const eslint = new ESLint({ cwd: root, overrideConfig: { languageOptions: { parserOptions } } });
  const [result] = await eslint.lintText(`${source}\n`, { filePath: join(root, file) });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId ?? 'parse error');
}

const forbidden: readonly [string, string, string, string][] = [
  [
    'a gateway reaches for key material',
    'apps/gateway/src/main.ts',
    "import '@zonehold/crypto';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'the pure core reaches for Redis',
    'libs/caspaxos/src/ballot.ts',
    "import '@zonehold/caspaxos-redis';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'replication learns what a key is',
    'libs/caspaxos/src/ballot.ts',
    "import '@zonehold/key-domain';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'a lib reaches for an app',
    'libs/mesh/src/identity.ts',
    "import '@zonehold/gateway';",
    '@nx/enforce-module-boundaries',
  ],
  [
    'ioredis stands in the key-manager',
    'apps/key-manager/src/main.ts',
    "import 'ioredis';",
    'no-restricted-imports',
  ],
  [
    'opossum stands in the gateway',
    'apps/gateway/src/main.ts',
    "import 'opossum';",
    'no-restricted-imports',
  ],
  [
    'the domain reads the clock',
    'libs/key-domain/src/key.ts',
    'export const now = Date.now();',
    'no-restricted-properties',
  ],
];

describe('the linter catches it when', () => {
  it.each(forbidden)('%s', { timeout: 60_000 }, async (_what, file, source, rule) => {
    expect(await rulesBroken(file, source)).toContain(rule);
  });
});
