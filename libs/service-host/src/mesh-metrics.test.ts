// The mesh's events in, the metrics page and log lines out.
import { describe, expect, it } from 'vitest';
import type { MeshObserver, ServiceIdentity } from '@zonehold/mesh';
import { createLog, createMetrics } from '@zonehold/telemetry';
import { meshMetrics } from './mesh-metrics.ts';

const self: ServiceIdentity = {
  clusterId: 'c',
  region: 'south',
  zone: 'south-1',
  service: 'gateway',
};

function observe(): {
  observer: MeshObserver;
  lines: (name: string) => Promise<string[]>;
  log: () => string;
} {
  const metrics = createMetrics({ service: 'gateway', zone: 'south-1', region: 'south' });
  let written = '';
  const destination = { write: (line: string) => void (written += line) };
  const log = createLog({
    service: 'gateway',
    zone: 'south-1',
    region: 'south',
    level: 'info',
    destination,
  });
  return {
    observer: meshMetrics(metrics, self, log),
    log: () => written,
    lines: async (name) =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith(name)),
  };
}

describe('the metrics of the mesh', () => {
  it('count attempts by zone, route and code, on the side of the caller', async () => {
    const { observer, lines } = observe();
    observer.attemptEnded('key-manager', 'south-1', 'key-manager.operation', 'OK', 4);
    observer.attemptEnded('key-manager', 'south-1', 'key-manager.operation', 'OK', 4);
    observer.attemptEnded('key-manager', 'south-2', 'key-manager.operation', 'LINK_LOST', 500);
    const requests = await lines('kms_mesh_requests_total');
    expect(requests).toHaveLength(2);
    expect(requests[0]).toContain('dst_zone="south-1"');
    expect(requests[0]).toMatch(/code="OK",classification="success".* 2$/);
    expect(requests[1]).toMatch(/dst_zone="south-2".*classification="failure".* 1$/);
    expect((await lines('kms_mesh_cross_zone_total'))[0]).toMatch(/ 1$/);
    expect((await lines('kms_mesh_request_duration_seconds_count'))[0]).toMatch(/ 2$/);
  });

  it('count served calls on the side of the server, from the zone of the peer', async () => {
    const { observer, lines } = observe();
    observer.served({ ...self, zone: 'south-3' }, 'health', 'OK', 1);
    expect((await lines('kms_mesh_requests_total'))[0]).toMatch(
      /reporter="server",src_zone="south-3",dst_zone="south-1",service="gateway"/,
    );
  });

  it('show a zone as ejected while its circuit is open or its link is down', async () => {
    const { observer, lines } = observe();
    const ejected = async () => (await lines('kms_mesh_ejections_active'))[0]?.split(' ').at(-1);
    observer.linkChanged('key-manager', 'south-2', 'down', 'silent');
    expect(await ejected()).toBe('1');
    observer.circuitChanged('key-manager', 'south-2', 'open');
    observer.linkChanged('key-manager', 'south-2', 'up', 'connected');
    expect(await ejected()).toBe('1');
    // It takes the next call, and may wait for it long.
    observer.circuitChanged('key-manager', 'south-2', 'half-open');
    expect(await ejected()).toBe('0');
  });

  it('show a zone as ejected until its endpoints are back, and count why', async () => {
    const { observer, lines } = observe();
    const ejected = async () => (await lines('kms_mesh_ejections_active'))[0]?.split(' ').at(-1);
    observer.ejected('key-manager', 'south-2', 'ratio', 5_000);
    expect(await ejected()).toBe('1');
    observer.returned('key-manager', 'south-2', 'ejection-over');
    observer.returned('key-manager', 'south-2', 'link-up');
    expect(await ejected()).toBe('0');
    observer.ejectionCapped('key-manager', 'south-3', 'consecutive');
    const counted = await lines('kms_mesh_ejections_total');
    expect(counted[0]).toMatch(/zone="south-2".*reason="ratio".* 1$/);
    expect(counted[1]).toMatch(/zone="south-3".*reason="capped".* 1$/);
    observer.latencySpillChanged('key-manager', 'south-1', 0.3);
    expect((await lines('kms_mesh_latency_spill'))[0]).toMatch(/ 0.3$/);
  });

  it('go with a log line where something rare happened', () => {
    const { observer, log } = observe();
    observer.peerRefused('region', 'gateway of region north');
    observer.drained('key-manager', 'south-2');
    observer.drainSetAside('key-manager', 'south-2');
    observer.handlerFailed('wrap', 'c-1', new Error('bug'));
    expect(log()).toContain('"peer.refused"');
    expect(log()).toContain('gateway of region north');
    expect(log()).toContain('"call.failed"');
    expect(log()).toContain('"zone.drained"');
    expect(log()).toContain('"zone.drain-set-aside"');
  });
});
