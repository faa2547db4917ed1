// One configuration for the whole house. Kinds of tests are projects, by file name (see docs/architecture.md §7).
import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/dist/**', '**/.zonehold/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'unit',
          // Files of one worker share loaded modules: loading them anew for each was half of the time. So a test leaves nothing behind in a module.
          isolate: false,
          include: ['{apps,libs,tools}/*/src/**/*.test.ts'],
          exclude: [...ignored, '**/*.sim.test.ts', '**/*.int.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['{apps,libs,tools}/*/src/**/*.sim.test.ts'],
          exclude: ignored,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{apps,libs,tools}/*/src/**/*.int.test.ts'],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['apps/region-e2e/src/**/*.e2e.test.ts'],
          globalSetup: ['apps/region-e2e/src/global-setup.ts'],
          exclude: ignored,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
