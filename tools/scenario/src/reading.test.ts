// What the region says of itself, as it is read: pages of metrics, lines of logs.
import { describe, expect, it } from 'vitest';
import { decisionsIn } from './decisions.ts';
import { samplesOf, sumOf } from './metrics-page.ts';
import { countersOf } from './watch.ts';

describe('a page of metrics', () => {
  const page = [
    '# HELP kms_mesh_retries_total Attempts after the first.',
    '# TYPE kms_mesh_retries_total counter',
    'kms_mesh_retries_total{reason="LINK_LOST",zone="south-1"} 3',
    'kms_mesh_retries_total{reason="UNAVAILABLE",zone="south-1"} 4',
    'kms_mesh_retries_total_more 9',
    'kms_advice_panic 1',
  ].join('\n');

  it('gives the samples of one metric, and not those of a longer name', () => {
    expect(samplesOf(page, 'kms_mesh_retries_total').map(({ value }) => value)).toEqual([3, 4]);
  });

  it('gives sums by label', () => {
    expect(sumOf(page, 'kms_mesh_retries_total', { reason: 'LINK_LOST' })).toBe(3);
    expect(sumOf(page, 'kms_mesh_retries_total')).toBe(7);
    expect(sumOf(page, 'kms_nothing_total')).toBe(0);
  });

  it('knows samples without labels', () =>
    expect(samplesOf(page, 'kms_advice_panic')).toEqual([{ labels: {}, value: 1 }]));
});

it('a panic counts when it is about key-managers, and not about monitors', () => {
  const page = (service: string): string => `kms_mesh_panic_total{service="${service}"} 2`;
  expect(countersOf([page('key-manager'), page('health-monitor')], []).panics).toBe(2);
});

describe('the lines of a log', () => {
  const line = {
    ...{ level: 'info', time: '2026-01-01T00:00:05.250Z', service: 'gateway', zone: 'south-2' },
    ...{ region: 'south', event: 'endpoint.ejected', peerService: 'key-manager' },
    ...{ peerZone: 'south-2', reason: 'ratio', lastsMs: 5_400.5 },
  };
  const originMs = Date.parse('2026-01-01T00:00:00.000Z');

  it('tell decisions with their time', () => {
    expect(decisionsIn(`${JSON.stringify(line)}\n`, originMs)).toEqual([
      {
        ...{ atMs: 5_250, kind: 'endpoint.ejected', service: 'gateway', zone: 'south-2' },
        ...{ peerService: 'key-manager', peerZone: 'south-2', reason: 'ratio', lastsMs: 5_400.5 },
      },
    ]);
  });

  it('of a panic are about no zone', () => {
    const about = { peerZone: undefined, reason: undefined, lastsMs: undefined };
    const text = JSON.stringify({ ...line, ...about, event: 'mesh.panic' });
    expect(decisionsIn(text, originMs)[0]).toMatchObject({ peerZone: undefined });
  });

  it('that tell anything else, or were cut off by a kill, are passed over', () => {
    const request = JSON.stringify({ ...line, event: 'request.served' });
    const cut = JSON.stringify(line).slice(0, -20);
    expect(decisionsIn(`${request}\nwords\n${cut}\n`, originMs)).toEqual([]);
  });
});
