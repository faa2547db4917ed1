// The console in a real browser, on a region of its own in which faults may be made: what it shows, what it may do, and what it
// never does. ZONEHOLD_PICTURES=<folder> also makes the pictures of docs/console.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsolePage, picturesDir } from './console-page.ts';
import { picturesOf } from './console-pictures.ts';
import { TestRegion } from './region.ts';

/**
 * The monitors say "down" within 3 s when nothing answers (docs/health-monitor.md), then the page is told at once; here they may wait for a
 * processor as long again. What it took is printed.
 */
const redWithinMs = 6_000;
/** And "healthy" after 5 s without a failure. */
const greenWithinMs = 11_000;

let running: RunningRegion;
let region: TestRegion;
let console_: ConsolePage;
const [watcher, other, third] = ['us-south-1', 'us-south-2', 'us-south-3'];

beforeAll(async () => {
  running = await startRegion({ launchOptions: ['--faults'] });
  region = new TestRegion(running);
  console_ = await ConsolePage.open(region, watcher);
});
afterAll(async () => {
  await console_.close();
  await running.stop();
});

describe('the console', { timeout: picturesDir === undefined ? 60_000 : 600_000 }, () => {
  it('wants a sign-in first, which works by keyboard and is readable for everybody', async () => {
    const { page, origin } = console_;
    await page.goto(`${origin}/console/`);
    expect(page.url()).toBe(`${origin}/console/sign-in`);
    expect(await console_.findings('light')).toEqual([]);
    expect(await console_.findings('dark')).toEqual([]);
    await console_.signIn('ana');
    expect(page.url()).toBe(`${origin}/console/`);
    expect(await page.locator('header').innerText()).toContain('Signed in: ana');
  });

  it('shows the region, readable for everybody', async () => {
    const { page } = console_;
    for (const zone of region.zones) await console_.shows(zone, 'healthy', greenWithinMs);
    expect(await page.locator('#headline').innerText()).toContain('All 3 zones are healthy.');
    expect(await page.locator('#zones tbody tr').count()).toBe(3);
    expect(await page.locator('#edges tbody tr').count()).toBe(9);
    await page.locator('#quorum', { hasText: '3 of 3 vote' }).waitFor();
    expect(await page.locator('#charts canvas').count()).toBe(3);
    expect(await console_.findings('light')).toEqual([]);
    expect(await console_.findings('dark')).toEqual([]);
  });

  it('leads the keyboard to the region first', async () => {
    const { page } = console_;
    await page.reload();
    await page.locator('#headline').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the region');
    await page.keyboard.press('Enter');
    expect(await page.locator('#main:focus').count()).toBe(1);
  });

  it('turns a killed zone red, says so aloud, and green when it is back', async () => {
    const { page } = console_;
    await region.zonehold('zone', 'kill', other);
    const redMs = await console_.shows(other, 'down', redWithinMs);
    await page.locator('#headline', { hasText: `${other} is down.` }).waitFor();
    await page.locator('#news', { hasText: `${other} is down.` }).waitFor();
    await page
      .locator('#timeline li', { hasText: `${other} is down` })
      .first()
      .waitFor();
    await page.locator('#quorum', { hasText: '2 of 3 vote' }).waitFor();
    expect(await console_.findings('light')).toEqual([]);
    await region.zonehold('zone', 'start', other);
    await region.isWhole();
    const greenMs = await console_.shows(other, 'healthy', greenWithinMs);
    await page.locator('#headline', { hasText: 'All 3 zones are healthy.' }).waitFor();
    console.log(
      `console: red ${Math.round(redMs)} ms after the kill, green ${Math.round(greenMs)} ms after the return`,
    );
  });

  it('drains a zone until the time is over', async () => {
    const { page } = console_;
    const fields = { zone: third, reason: 'new disks', amount: '4', unit: 'seconds' };
    await console_.order('drain', fields);
    const row = page.locator('#drains tbody tr', { hasText: third });
    await row.waitFor();
    expect(await row.innerText()).toContain('new disks');
    await page.locator('#headline', { hasText: `${third} is drained by hand.` }).waitFor();
    await row.waitFor({ state: 'detached', timeout: 8_000 });
    await page.locator('#timeline li', { hasText: 'its time is over' }).waitFor();
  });

  it('lifts a drain before its time', async () => {
    const { page } = console_;
    await console_.order('drain', {
      zone: third,
      reason: 'too early',
      amount: '1',
      unit: 'hours',
    });
    await page.getByRole('button', { name: `Lift the drain of ${third}` }).click();
    await page.locator('#timeline li', { hasText: 'lifted' }).waitFor();
    await page.locator('#drains', { hasText: 'No zone is drained.' }).waitFor();
  });

  it('makes a fault, shows it as active, and clears it', async () => {
    const { page } = console_;
    await console_.order('fault', {
      ...{ preset: 'slow-redis', zone: third, reason: 'rehearsal' },
      ...{ amount: '60', unit: 'seconds' },
    });
    const row = page.locator('#faults tbody tr', { hasText: 'rehearsal' });
    await row.waitFor();
    expect(await row.innerText()).toContain(`redis of ${third}`);
    await page.locator('#headline', { hasText: 'One fault is active.' }).waitFor();
    expect(await console_.findings('dark')).toEqual([]);
    await page.getByRole('button', { name: 'Clear all faults' }).click();
    await page.locator('#faults', { hasText: 'No fault is active.' }).waitFor();
  });

  it('writes down who ordered what, and never the token', async () => {
    const orders = region
      .logLines('health-monitor')
      .filter((line) => line.includes('console.ordered'));
    expect(orders.length).toBe(5);
    expect(orders.every((line) => line.includes('"operator":"ana"'))).toBe(true);
    const token = readFileSync(join(region.regionDir, 'console-token'), 'utf8').trim();
    const lines = region.logLines('health-monitor');
    expect(lines.filter((line) => line.includes(token))).toEqual([]);
    expect(console_.requests.filter((url) => url.includes(token))).toEqual([]);
  });

  it('follows the theme that somebody chooses, and keeps it', async () => {
    const { page } = console_;
    const back = async (): Promise<string> =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await back();
    await page.locator('#theme').selectOption('dark');
    const dark = await back();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.locator('#headline').waitFor();
    expect(await back()).toBe(dark);
    await page.locator('#theme').selectOption('system');
    expect(await back()).toBe(light);
  });

  it('asked no other host, and had no error in all that time', async () => {
    await picturesOf(region, console_);
    const strangers = console_.requests.filter(
      (url) => !url.startsWith(`${console_.origin}/console/`),
    );
    expect(strangers).toEqual([]);
    expect(console_.complaints).toEqual([]);
    expect(console_.requests.length).toBeGreaterThan(10);
  });

  it('lets nobody in any more after the sign-out', async () => {
    const { page, origin } = console_;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${origin}/console/sign-in`);
    await page.goto(`${origin}/console/`);
    expect(page.url()).toBe(`${origin}/console/sign-in`);
  });
});
