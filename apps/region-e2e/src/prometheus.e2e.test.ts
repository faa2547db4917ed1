// Prometheus itself scrapes every service, and promtool accepts what they say.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion } from './region.ts';

const region = attachRegion();
const folder = mkdtempSync(join(tmpdir(), 'zonehold-prometheus-'));
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

describe('Prometheus', () => {
  it('scrapes all twelve services without an error', async () => {
    const port = await freePort();
    const targets = region.opsAddresses().map(({ address }) => address);
    expect(targets).toHaveLength(12);
    const config = join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
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
    let seen: Target[] = [];
    await eventually('every target has been scraped', 60_000, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/targets?state=active`);
      const reply = (await response.json()) as { data: { activeTargets: Target[] } };
      seen = reply.data.activeTargets;
      return seen.length === targets.length && seen.every((target) => target.health !== 'unknown');
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
});
