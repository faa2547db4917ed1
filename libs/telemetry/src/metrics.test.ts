// The metrics page, judged by Prometheus' own promtool, and the guards on labels.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { metricTable } from './metric-table.ts';
import { createMetrics } from './metrics.ts';

const create = () => createMetrics({ service: 'gateway', zone: 'south-1', region: 'south' });

/** Lines of one metric. */
async function linesOf(name: string, text: Promise<string>): Promise<string[]> {
  return (await text).split('\n').filter((line) => line.startsWith(name));
}

describe('the metrics page', () => {
  it('is accepted by promtool, with and without values', async () => {
    const metrics = create();
    metrics.edgeRequests.of({ operation: 'wrap', status: '200' }).inc();
    metrics.edgeRequestDuration.of({ operation: 'wrap' }).observe(0.003);
    metrics.acceptorUp.of({ zone: 'south-2' }).set(1);
    for (const page of [await create().text(), await metrics.text()]) {
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: page,
        encoding: 'utf8',
      });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    }
  });

  it('names every metric of the table, from the start', async () => {
    const text = await create().text();
    for (const { name } of Object.values(metricTable)) expect(text).toContain(`# TYPE ${name} `);
  });

  it('counts in cumulative buckets, and puts a value on a border below it', async () => {
    const metrics = create();
    const duration = metrics.edgeRequestDuration.of({ operation: 'wrap' });
    for (const seconds of [0.001, 0.0011, 9]) duration.observe(seconds);
    const lines = await linesOf('kms_edge_request_duration_seconds', metrics.text());
    const values = (part: string) =>
      lines.filter((line) => line.includes(part)).map((line) => line.split(' ').at(-1));
    expect(values('le="0.001"')).toEqual(['1']);
    expect(values('le="0.0025"')).toEqual(['2']);
    expect(values('le="5"')).toEqual(['2']);
    expect(values('le="+Inf"')).toEqual(['3']);
    expect(values('_count')).toEqual(['3']);
    expect(values('_sum')).toEqual(['9.0021']);
  });

  it('shows a metric without labels as zero before anything happened', async () => {
    expect(await linesOf('kms_paxos_unknown_total', create().text())).toEqual([
      'kms_paxos_unknown_total{app="gateway",app_zone="south-1",region="south"} 0',
    ]);
  });

  it('gives the same child for the same labels', async () => {
    const metrics = create();
    expect(metrics.acceptorUp.of({ zone: 'a' })).toBe(metrics.acceptorUp.of({ zone: 'a' }));
    expect(metrics.acceptorUp.of({ zone: 'a' })).not.toBe(metrics.acceptorUp.of({ zone: 'b' }));
  });

  it('refuses a value outside a closed label', () => {
    const bad = { kind: 'a-key-id' } as unknown as { kind: 'wiped' };
    expect(() => create().safetyAlarms.of(bad)).toThrow('kind cannot be a-key-id');
  });

  it('refuses labels that grow without end', () => {
    const { acceptorUp } = create();
    expect(() => {
      for (let zone = 0; zone < 6_000; zone += 1) acceptorUp.of({ zone: `zone-${zone}` });
    }).toThrow('too many label combinations');
  });

  it('has no label that could name a key, an instance or an account', () => {
    const names = Object.values(metricTable).flatMap(({ labels }) => Object.keys(labels));
    for (const name of names)
      expect(name).not.toMatch(/key|instance|account|tenant|credential|address/);
  });
});
