// What the launcher writes is what services read: their own schemas are the judge.
import { commonSettings, privatePortsOf, topologySchema } from '@zonehold/service-host';
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { regionPaths } from './region-paths.ts';
import { newRegionRecord } from './region-record.ts';
import { renderSettings, renderTopology } from './settings-files.ts';
import { nodeServices } from './zones.ts';

const record = newRegionRecord({
  region: 'us-south',
  regionalPort: 8443,
  basePort: 8450,
  random: new SeededRandom(1),
  clock: new ManualClock(),
});

describe('what the launcher writes for services', () => {
  it('tells health-monitors, and nobody else, where the token of the consoles lies', () => {
    const shared = { record, paths: regionPaths('/data', 'us-south'), zone: 'us-south-1' };
    const [gateway, monitor] = (['gateway', 'health-monitor'] as const).map((service) =>
      renderSettings({
        ...{ ...shared, service, keyFilePath: '/k', logLevel: 'info' },
        isWithFaults: false,
      }),
    );
    expect(monitor?.['console']).toEqual({ tokenPath: '/data/us-south/console-token' });
    expect(gateway).not.toHaveProperty('console');
  });

  it('is a topology that services accept', () => {
    expect(topologySchema.parse(renderTopology(record))).toEqual(renderTopology(record));
  });

  it('names the private endpoint, which gateways share, and the limit that was asked for', () => {
    const whole = { ...record, privatePort: 9000, requestsPerSecond: 100 };
    const topology = topologySchema.parse(renderTopology(whole));
    expect(privatePortsOf(topology)).toEqual([9000, 9000, 9000]);
    const settings = renderSettings({
      ...{ record: whole, paths: regionPaths('/data', 'us-south'), zone: 'us-south-1' },
      ...{ service: 'gateway', keyFilePath: '/k', logLevel: 'info' },
      isWithFaults: false,
    });
    expect(settings).toMatchObject({
      edge: { limits: { instance: { requestsPerSecond: 100, burst: 200 } } },
    });
  });

  it.each(nodeServices)('has settings of %s that the service host accepts', (service) => {
    const settings = renderSettings({
      record,
      paths: regionPaths('/data', 'us-south'),
      zone: 'us-south-2',
      service,
      keyFilePath: '/home/a/.config/zonehold/x.key',
      logLevel: 'info',
      isWithFaults: false,
    });
    // Members of the service itself are its own matter; unknown common ones would be refused.
    expect(commonSettings.loose().parse(settings)).toEqual(settings);
    expect(settings).not.toHaveProperty('dev');
    expect(settings).not.toHaveProperty('faults');
  });

  it.each(nodeServices)('tells %s of a development region where its controls lie', (service) => {
    const settings = renderSettings({
      record: { ...record, mode: 'dev' },
      paths: regionPaths('/data', 'us-south'),
      zone: 'us-south-2',
      service,
      keyFilePath: '/home/a/.config/zonehold/x.key',
      logLevel: 'info',
      isWithFaults: false,
    });
    expect(settings['dev']).toEqual({ controlsPath: '/data/us-south/dev-controls.json' });
    expect(commonSettings.loose().parse(settings)).toEqual(settings);
  });

  it.each(nodeServices)('tells %s of a region with faults where they lie', (service) => {
    const settings = renderSettings({
      ...{ record, paths: regionPaths('/data', 'us-south'), zone: 'us-south-2', service },
      ...{ keyFilePath: '/k', logLevel: 'info', isWithFaults: true },
    });
    expect(settings['faults']).toEqual({ dir: '/data/us-south/faults' });
    expect(commonSettings.loose().parse(settings)).toEqual(settings);
  });
});
