// The pictures of docs/console.md: a region under load that is quiet, that has lost a zone, and that rebuilds one. Made only when
// ZONEHOLD_PICTURES names a folder: they take minutes.
import { picturesDir, type ConsolePage } from './console-page.ts';
import { eventually } from './eventually.ts';
import { makeKeys } from './fast-keys.ts';
import { whileRedisIsDown, wipeData } from './rebuilds.ts';
import type { TestRegion } from './region.ts';

/** So many that a rebuild lasts some seconds. */
const keyCount = 3_000;
const zone = 'us-south-2';
/** Charts of a minute and a half have something in them. */
const chartsMs = 90_000;

/** Makes them if they are wanted. */
export async function picturesOf(region: TestRegion, console_: ConsolePage): Promise<void> {
  if (picturesDir === undefined) return;
  const { page } = console_;
  await makeKeys(region, keyCount);
  const load = startCreating(region);
  try {
    const startedMs = performance.now();
    await eventually('the charts have something to show', 2 * chartsMs, async () => {
      return performance.now() - startedMs >= chartsMs;
    });
    await console_.shows(zone, 'healthy', 60_000);
    await console_.picture('quiet');
    await console_.picture('quiet-dark', 'dark');

    await region.zonehold('zone', 'kill', zone);
    await console_.shows(zone, 'down', 10_000);
    await page.locator('#headline', { hasText: 'acceptors vote' }).waitFor();
    await console_.picture('zone-down');
    await region.zonehold('zone', 'start', zone);
    await region.isWhole();
    await console_.shows(zone, 'healthy', 60_000);

    await whileRedisIsDown(region, zone, wipeData);
    await page.locator('#headline', { hasText: /is rebuilt: [1-9]/ }).waitFor({ timeout: 60_000 });
    await console_.picture('rebuild');
    await region.isWhole();
  } finally {
    await load.stop();
  }
}

/** Creates keys until it is stopped, whatever becomes of a few of them meanwhile. */
function startCreating(region: TestRegion): { stop(): Promise<void> } {
  let isStopping = false;
  const loop = async (): Promise<void> => {
    while (!isStopping) await makeKeys(region, 20).catch(() => undefined);
  };
  const running = loop();
  return {
    stop: () => {
      isStopping = true;
      return running;
    },
  };
}
