// What zones report: asked of real pages, read with suspicion, forgotten when old, and written down second by second.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock, systemClock } from '@zonehold/primitives';
import { afterEach, describe, expect, it } from 'vitest';
import { Reports } from './reports.ts';
import { sampleOf, Samples, samplesMax } from './samples.ts';
import { edgeTo, reportOf, testZones } from './test-state.ts';
import { readReport, reporterOf } from './zone-report.ts';

describe('the reports', () => {
  it('of a zone that is not heard any more are forgotten after three seconds, and come back', async () => {
    const clock = new ManualClock();
    let isGone = false;
    const reports = new Reports({
      ...{ self: 'south-1', zones: testZones, clock },
      own: async () => reportOf('south-1'),
      ask: async (zone) => {
        if (isGone && zone === 'south-2') throw new Error('not heard');
        return reportOf(zone);
      },
    });
    const heard = (): string[] => testZones.filter((zone) => reports.all()[zone] !== null);
    await reports.round();
    expect(heard()).toEqual([...testZones]);
    isGone = true;
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1_000);
      await reports.round();
    }
    expect(heard()).toEqual(['south-1', 'south-3']);
    isGone = false;
    await reports.round();
    expect(heard()).toEqual([...testZones]);
    expect(reports.own()).toEqual(reportOf('south-1'));
    expect(reports.samples.all()).toHaveLength(5);
  });

  it('of another zone, or of no form at all, are refused', () => {
    expect(readReport(reportOf('south-2'), 'south-2')).toEqual(reportOf('south-2'));
    const endless = Array.from({ length: 10 }, () => edgeTo('south-1'));
    for (const body of [
      ...[reportOf('south-3'), undefined, 'x', { observer: 'south-2' }],
      reportOf('south-2', { gateway: { service: 'key-manager', isPanic: false, edges: endless } }),
      reportOf('south-2', { acceptors: { problem: 'x'.repeat(501) } }),
    ])
      expect(() => readReport(body, 'south-2')).toThrow('does not give its report');
  });
});

describe('asking the own zone', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  it('takes what is well formed, and nothing for what is not there', async () => {
    const { gateway, acceptors } = reportOf('south-1');
    const pages: Record<string, string> = {
      '/edges': JSON.stringify({ book: gateway, zones: {} }),
      '/acceptors': JSON.stringify(acceptors),
    };
    server = createServer((request, response) => {
      const page = pages[request.url ?? ''];
      response.writeHead(page === undefined ? 404 : 200).end(page);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const here = { host: '127.0.0.1', opsPort: (server.address() as AddressInfo).port };
    const nobody = { host: '127.0.0.1', opsPort: 1 };
    const whole = reporterOf('south-1', { gateway: here, keyManager: here }, systemClock);
    expect(await whole()).toEqual(reportOf('south-1', { keyManager: gateway }));
    pages['/acceptors'] = '{"zones":1}';
    const broken = reporterOf('south-1', { gateway: nobody, keyManager: here }, systemClock);
    expect(await broken()).toEqual({
      ...{ observer: 'south-1', gateway: null, keyManager: gateway, acceptors: null },
    });
  });
});

describe('samples', () => {
  it('add up what all gateways call in a zone, and keep the latency of the one that waits longest', () => {
    const gatewayOf = (change: Parameters<typeof edgeTo>[1]) => ({
      service: 'key-manager' as const,
      ...{ isPanic: false, edges: [edgeTo('south-2', change)] },
    });
    const reports = {
      'south-1': reportOf('south-1', {
        gateway: gatewayOf({ callsPerSecond: 10, failedPerSecond: 1, p50Ms: 2, p99Ms: 80 }),
      }),
      'south-2': reportOf('south-2', {
        gateway: gatewayOf({ callsPerSecond: 5, p50Ms: 3, p99Ms: 9 }),
      }),
      'south-3': null,
    };
    expect(sampleOf(testZones, reports, 5_999)).toEqual({
      atS: 5,
      zones: {
        'south-1': { perSecond: 0, failedPerSecond: 0, p50Ms: null, p99Ms: null },
        'south-2': { perSecond: 15, failedPerSecond: 1, p50Ms: 3, p99Ms: 80 },
        'south-3': { perSecond: 0, failedPerSecond: 0, p50Ms: null, p99Ms: null },
      },
    });
  });

  it('are kept for five minutes', () => {
    const samples = new Samples();
    for (let atS = 0; atS <= samplesMax; atS += 1) samples.add({ atS, zones: {} });
    expect(samples.all()).toHaveLength(samplesMax);
    expect(samples.all()[0]?.atS).toBe(1);
  });
});
