// House rules that a program checks: layers, who may hold plaintext, and where each driver library may stand.
import nx from '@nx/eslint-plugin';
import tsdoc from 'eslint-plugin-tsdoc';
import tseslint from 'typescript-eslint';

/** Which types may import which (one way, transitive for plaintext). */
const layers = {
  primitives: [],
  domain: ['primitives'],
  protocol: ['primitives'],
  crypto: ['primitives'],
  adapter: ['primitives', 'protocol'],
  contract: ['primitives', 'domain'],
  infra: ['primitives'],
  host: ['primitives', 'infra'],
  test: ['primitives', 'domain', 'protocol', 'adapter', 'contract', 'infra'],
};
const appLayers = [
  'primitives',
  'domain',
  'protocol',
  'adapter',
  'contract',
  'infra',
  'host',
  'crypto',
];

const depConstraints = [
  ...Object.entries(layers).map(([type, allowed]) => ({
    sourceTag: `type:${type}`,
    onlyDependOnLibsWithTags:
      allowed.length > 0 ? allowed.map((tag) => `type:${tag}`) : ['type:none'],
  })),
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: appLayers.map((tag) => `type:${tag}`) },
  {
    sourceTag: 'type:tool',
    onlyDependOnLibsWithTags: [...appLayers, 'test', 'tool'].map((tag) => `type:${tag}`),
  },
  { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:test', 'type:primitives'] },
  { sourceTag: 'holds:ciphertext', notDependOnLibsWithTags: ['holds:plaintext'] },
];

/** Tests of apps stand on testkit; nothing that is shipped may. */
const appTestConstraints = depConstraints.map((constraint) =>
  constraint.sourceTag === 'type:app'
    ? {
        ...constraint,
        onlyDependOnLibsWithTags: [...constraint.onlyDependOnLibsWithTags, 'type:test'],
      }
    : constraint,
);

/** Driver libraries and the only rooms where they may be imported. */
const drivers = {
  ioredis: ['libs/caspaxos-redis', 'libs/testkit'],
  opossum: ['libs/mesh'],
  'prom-client': ['libs/telemetry'],
  pino: ['libs/telemetry'],
  express: ['libs/service-host', 'apps'],
};

const driverRules = Object.entries(drivers).map(([name, rooms]) => ({
  name,
  message: `${name} may only be imported in ${rooms.join(', ')} (docs/architecture.md).`,
}));
const pathsFor = (room) =>
  driverRules.filter((rule) => !drivers[rule.name].some((allowed) => room.startsWith(allowed)));

/** Pure rooms: nothing of the machine may be touched. */
const machine = [
  'node:net',
  'node:tls',
  'node:http',
  'node:https',
  'node:fs',
  'node:fs/promises',
  'node:process',
  'node:crypto',
  'node:timers',
  'node:child_process',
  'node:os',
].map((name) => ({ name, message: 'Pure code takes time, randomness and replies as arguments.' }));
const pureGlobals = ['process', 'setTimeout', 'setInterval', 'setImmediate', 'performance'].map(
  (name) => ({
    name,
    message: 'Pure code takes time, randomness and replies as arguments.',
  }),
);
const clockProperties = [
  { object: 'Date', property: 'now', message: 'Use a Clock from @zonehold/primitives.' },
  { object: 'Math', property: 'random', message: 'Use a Random from @zonehold/primitives.' },
  { object: 'performance', property: 'now', message: 'Use a Clock from @zonehold/primitives.' },
];

const rooms = [
  'libs/primitives',
  'libs/key-domain',
  'libs/caspaxos',
  'libs/caspaxos-redis',
  'libs/crypto',
  'libs/faults',
  'libs/mesh',
  'libs/api-contract',
  'libs/telemetry',
  'libs/service-host',
  'libs/pki',
  'libs/testkit',
  'apps',
  'tools',
];

export default tseslint.config(
  {
    ignores: [
      '**/node_modules',
      '**/dist',
      '**/.nx',
      '**/.zonehold',
      'tools/setup',
      '*.mjs',
      'vitest.config.ts',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: {
      // One program for the whole house, as `npm run typecheck` has it: one for each project read every lib again, and took 4 GB.
      parserOptions: {
        project: ['./tsconfig.json', './apps/health-monitor/src/console/page/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { '@nx': nx, tsdoc },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          checkDynamicDependenciesExceptions: [],
          depConstraints,
        },
      ],
      'tsdoc/syntax': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-properties': ['error', ...clockProperties],
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }],
    },
  },
  ...rooms.map((room) => ({
    files: [`${room}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { paths: pathsFor(room) }] },
  })),
  {
    files: ['libs/key-domain/src/**/*.ts', 'libs/caspaxos/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: [...pathsFor('libs/key-domain'), ...machine] }],
      'no-restricted-globals': ['error', ...pureGlobals],
    },
  },
  {
    files: ['libs/primitives/src/{clock,random}.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['tools/**/*.ts', 'apps/region-e2e/**/*.ts'], rules: { 'no-console': 'off' } },
  // The mesh's tests shake hands for real: they borrow certificates from pki, which the mesh itself never imports.
  {
    files: ['libs/mesh/src/*.test.ts', 'libs/mesh/src/test-region.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['apps/*/src/**/*.test.ts', 'apps/*/src/testing/*.ts'],
    ignores: ['apps/region-e2e/**'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          checkDynamicDependenciesExceptions: [],
          depConstraints: appTestConstraints,
        },
      ],
    },
  },
  {
    files: [
      '**/*.test.ts',
      'apps/*/src/testing/*.ts',
      'libs/testkit/**/*.ts',
      'apps/region-e2e/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
