// One region for all end-to-end tests: forming it takes seconds, and a region that has lived through the faults of one file
// is the honest place for the next. Faults may be made in it.
import { startRegion, type RegionPlace } from '@zonehold/testkit';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    region: RegionPlace;
  }
}

/** Forms the region, lets Node trust its authority in the processes that vitest starts next, and stops it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = await startRegion({ launchOptions: ['--faults'] });
  process.env['NODE_EXTRA_CA_CERTS'] = running.env['NODE_EXTRA_CA_CERTS'];
  const { dataDir, configHome, region } = running;
  project.provide('region', { dataDir, configHome, region });
  return () => running.stop();
}
