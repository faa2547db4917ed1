// The console in a real Chromium: one page that remembers every script error, every failed load and every host it asked.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TestRegion } from './region.ts';

const chromiumPath = '/usr/bin/chromium';
/** Nothing of the browser's own that would go out into the world. */
const quietArgs = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
const viewport = { width: 1280, height: 1000 };
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

export type Scheme = 'light' | 'dark';

export class ConsolePage {
  readonly page: Page;
  /** Of the console. */
  readonly origin: string;
  /** Script errors, and what the browser complained about. */
  readonly complaints: string[] = [];
  /** Every address that was asked for. */
  readonly requests: string[] = [];
  readonly #browser: Browser;
  readonly #token: string;

  private constructor(browser: Browser, page: Page, origin: string, token: string) {
    this.#browser = browser;
    this.#token = token;
    this.page = page;
    this.origin = origin;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('request', (request) => this.requests.push(request.url()));
  }

  /** A page that has been nowhere yet. */
  static async open(region: TestRegion, zone: string): Promise<ConsolePage> {
    const browser = await chromium.launch({
      ...{ executablePath: chromiumPath, headless: true, chromiumSandbox: false, args: quietArgs },
    });
    const page = await browser.newPage({ viewport, colorScheme: 'light' });
    const { host, opsPort } = region.endpoint(zone, 'health-monitor');
    const token = readFileSync(join(region.regionDir, 'console-token'), 'utf8').trim();
    return new ConsolePage(browser, page, `http://${host}:${opsPort}`, token);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  /** By keyboard alone. */
  async signIn(operator: string): Promise<void> {
    await this.page.locator('#token:focus').waitFor();
    await this.page.keyboard.type(this.#token);
    await this.page.keyboard.press('Tab');
    await this.page.keyboard.type(operator);
    await this.page.keyboard.press('Enter');
    await this.page.locator('#headline').waitFor();
  }

  /** Waits until the map shows the zone so. Returns how long that took. */
  async shows(zone: string, state: string, timeoutMs: number): Promise<number> {
    const startedMs = performance.now();
    await this.page
      .locator(`#map [data-zone="${zone}"][data-state="${state}"]`)
      .waitFor({ timeout: timeoutMs });
    return performance.now() - startedMs;
  }

  /** Fills and sends a form. Fields by the end of their id. */
  async order(form: string, fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) {
      const field = this.page.locator(`#${form}-${name}`);
      const isChoice = (await this.page.locator(`select#${form}-${name}`).count()) > 0;
      if (isChoice) await field.selectOption(value);
      else await field.fill(value);
    }
    await this.page.locator(`#${form} button`).click();
    await this.page.locator(`#${form} .outcome`, { hasText: 'Done.' }).waitFor();
  }

  /** Serious and critical findings of axe, as sentences. */
  async findings(scheme: Scheme): Promise<string[]> {
    await this.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate<AxeResults>('axe.run()');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${scheme}: ${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`,
      );
  }

  /** A picture of what a person sees first, in the folder that ZONEHOLD_PICTURES names. */
  async picture(name: string, scheme: Scheme = 'light'): Promise<void> {
    if (picturesDir === undefined) return;
    mkdirSync(picturesDir, { recursive: true });
    await this.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await this.page.screenshot({ path: join(picturesDir, `${name}.png`) });
  }
}

/** Set to make the pictures of docs/console.md anew; the test then takes a few minutes. */
export const picturesDir = process.env['ZONEHOLD_PICTURES'];
