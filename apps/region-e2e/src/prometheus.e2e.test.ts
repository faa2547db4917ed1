// Prometheus itself scrapes every service, promtool accepts what they say, and the alerts speak when a zone dies, and only then.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion } from './region.ts';

const region = attachRegion();
const folder = mkdtempSync(join(tmpdir(), 'zonehold-prometheus-'));
const rules = join(import.meta.dirname, '../../../docker/prometheus');
/** `npm run prove` listens for a minute. */
const quietMs = Number(process.env['ZONEHOLD_QUIET_SECONDS'] ?? 8) * 1_000;
let prometheus: ChildProcess | undefined;

afterAll(() => {
  prometheus?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

interface Target {
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
}
interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
}

let port = 0;

async function ask<Data>(path: string): Promise<Data> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
  return ((await response.json()) as { data: Data }).data;
}

/** `name zone` of every alert that fires now. */
async function firing(): Promise<string[]> {
  const { alerts } = await ask<{ alerts: Alert[] }>('alerts');
  return alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels }) => `${labels['alertname'] ?? ''} ${labels['zone'] ?? ''}`.trim());
}

beforeAll(async () => {
  port = await freePort();
  const config = join(folder, 'prometheus.yml');
  const targets = region.opsAddresses().map(({ address }) => address);
  writeFileSync(
    config,
    JSON.stringify({
      // As in docker/prometheus/prometheus.yml.
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '15s' },
      rule_files: [join(rules, '*.rules.yml')],
      scrape_configs: [{ job_name: 'zonehold', static_configs: [{ targets }] }],
    }),
  );
  prometheus = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  await new Promise<void>((resolve, reject) => {
    prometheus?.once('spawn', resolve);
    prometheus?.once('error', reject);
  });
});

describe('Prometheus', () => {
  it('scrapes all twelve services without an error', async () => {
    let seen: Target[] = [];
    await eventually('every target has been scraped', 60_000, async () => {
      const targets = await ask<{ activeTargets: Target[] }>('targets?state=active');
      seen = targets.activeTargets;
      return seen.length === 12 && seen.every(({ health }) => health !== 'unknown');
    });
    expect(seen.filter((target) => target.health !== 'up' || target.lastError !== '')).toEqual([]);
  });

  it('promtool accepts the metrics of every service', async () => {
    for (const { service, text } of await region.allMetrics()) {
      const verdict = await new Promise<{ code: number; output: string }>((resolve) => {
        const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) =>
          resolve({
            code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
            output: stdout + stderr,
          }),
        );
        child.stdin?.end(text);
      });
      expect({ service, ...verdict }).toEqual({ service, code: 0, output: '' });
    }
  });

  it(`says nothing for ${quietMs / 1_000} s in which nothing happens`, async () => {
    await region.isWhole();
    // Counters that other files of this region have raised are told for half an hour, as they should be.
    const pages = await region.allMetrics();
    const isAlarmed = pages.some(({ text }) => /^kms_safety_alarm_total\{/m.test(text));
    const expected = isAlarmed ? ['SafetyAlarm'] : [];
    const others = async (): Promise<string[]> =>
      (await firing()).filter((alert) => !expected.includes(alert));
    await eventually('the alerts know of a whole region', 30_000, async () => {
      const { result } = await ask<{ result: unknown[] }>(
        `query?query=${encodeURIComponent(
          'count(region_app_zone:kms_quorum_margin:voters == 1) == 3',
        )}`,
      );
      return result.length === 1 && (await others()).length === 0;
    });
    const endsAtMs = performance.now() + quietMs;
    const heard = new Set<string>();
    await eventually('the quiet time is over', quietMs * 2, async () => {
      for (const alert of await others()) heard.add(alert);
      return performance.now() >= endsAtMs;
    });
    expect([...heard]).toEqual([]);
  });

  it('says within 15 s that a zone was killed, and which', async () => {
    const zone = region.zones.at(-1) ?? '';
    const startedMs = performance.now();
    await region.zonehold('zone', 'kill', zone);
    try {
      await eventually(`an alert for ${zone}`, 15_000 - (performance.now() - startedMs), async () =>
        (await firing()).includes(`ZoneDown ${zone}`),
      );
      console.log(`alerts: zone down said after ${Math.round(performance.now() - startedMs)} ms`);
      await eventually('the redundancy alarm', 15_000, async () =>
        (await firing()).includes('RedundancyLost'),
      );
      const others = (await firing()).filter((alert) => alert.startsWith('ZoneDown'));
      expect(others).toEqual([`ZoneDown ${zone}`]);
    } finally {
      await region.zonehold('zone', 'start', zone);
      await region.isWhole();
    }
  });
});
