// What people and programs are told about the region, from parts that may contradict each other.
import type { ZonesReply } from '@zonehold/api-contract';
import type { ProcessView } from '@zonehold/launcher';
import { describe, expect, it } from 'vitest';
import { buildStatus, renderStatus } from './status-view.ts';

type State = ZonesReply['zones'][number]['state'];

const zones = ['z-1', 'z-2', 'z-3'];
const view = (zone: string, state: State, reasons: string[] = []): ZonesReply['zones'][number] => ({
  zone,
  state,
  since: '2026-01-01T00:00:00Z',
  reasons,
  services: {},
});
const monitor = (observer: string, states: readonly State[]): ZonesReply => ({
  region: 'z',
  observer,
  observedAt: '2026-01-01T00:00:00Z',
  zones: zones.map((zone, index) => {
    const state = states[index] ?? 'down';
    return view(zone, state, state === 'healthy' ? [] : [`${zone} seen ${state}.`]);
  }),
});
const process = (zone: string, state: ProcessView['state']): ProcessView => ({
  zone,
  service: 'redis',
  pid: state === 'running' ? 7 : null,
  ports: { redis: 1 },
  state,
  restarts: 0,
  lastEnd: null,
});
const nothingRebuilt = { epoch: 1, rebuild: null, lastRebuild: null };
const voters = {
  zones: zones.map((zone) => ({ zone, standing: 'voter', reason: '' })),
  ...nothingRebuilt,
};
const well = {
  region: 'z',
  endpoint: 'https://localhost:1',
  phase: 'ready',
  supervisorPid: 1,
  zones,
  processes: zones.map((zone) => process(zone, 'running')),
  monitors: zones.map((zone) => monitor(zone, ['healthy', 'healthy', 'healthy'])),
  acceptors: voters,
};

describe('status', () => {
  it('is whole when all is well', () => {
    expect(buildStatus(well).isWhole).toBe(true);
  });

  it('shows what most monitors say, with their reasons only', () => {
    const monitors = [
      monitor('z-1', ['healthy', 'down', 'healthy']),
      monitor('z-2', ['healthy', 'healthy', 'suspect']),
      monitor('z-3', ['healthy', 'down', 'healthy']),
    ];
    const status = buildStatus({ ...well, monitors });
    expect(status.zones.map(({ state }) => state)).toEqual(['healthy', 'down', 'healthy']);
    expect(status.zones[1]?.reasons).toEqual(['z-2 seen down.']);
    expect(status.isWhole).toBe(false);
  });

  it('takes the worse word when monitors are divided', () => {
    const monitors = [
      monitor('z-1', ['healthy', 'healthy', 'healthy']),
      monitor('z-2', ['suspect', 'healthy', 'healthy']),
    ];
    expect(buildStatus({ ...well, monitors }).zones[0]?.state).toBe('suspect');
  });

  it('does not call unknown zones healthy', () => {
    const status = buildStatus({ ...well, monitors: [] });
    expect(status.zones[0]).toMatchObject({
      state: 'unknown',
      reasons: ['No health-monitor answers.'],
    });
    expect(status.isWhole).toBe(false);
  });

  it.each([
    [
      'an acceptor that does not vote',
      {
        acceptors: {
          zones: [{ zone: 'z-1', standing: 'wiped', reason: 'empty' }],
          ...nothingRebuilt,
        },
      },
    ],
    ['a key-manager that cannot be asked', { acceptors: { problem: 'No key-manager.' } }],
    ['a process that is down', { processes: [process('z-1', 'killed')] }],
  ])('is not whole with %s', (_what, change) => {
    expect(buildStatus({ ...well, ...change }).isWhole).toBe(false);
  });

  it('tells people which process is down', () => {
    const processes = [...well.processes.slice(1), process('z-1', 'killed')];
    expect(renderStatus(buildStatus({ ...well, processes }))).toContain('z-1: redis is killed.');
  });
});
