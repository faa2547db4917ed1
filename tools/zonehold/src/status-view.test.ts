// What people and programs are told about the region, from parts that may contradict each other.
import type { ZonesReply } from '@zonehold/api-contract';
import type { FaultRule } from '@zonehold/faults';
import type { ProcessView } from '@zonehold/launcher';
import { describe, expect, it } from 'vitest';
import { buildStatus, renderStatus } from './status-view.ts';

type State = ZonesReply['zones'][number]['state'];

const nowMs = Date.UTC(2026, 0, 1);
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

  it('does not count a monitor that cannot tell beside one that can, but shows what it says', () => {
    const monitors = [
      monitor('z-1', ['healthy', 'healthy', 'down']),
      monitor('z-2', ['healthy', 'healthy', 'down']),
      monitor('z-3', ['unknown', 'unknown', 'unknown']),
    ];
    const status = buildStatus({ ...well, monitors });
    expect(status.zones.map(({ state }) => state)).toEqual(['healthy', 'healthy', 'down']);
    expect(status.zones[2]?.observers).toEqual({ 'z-1': 'down', 'z-2': 'down', 'z-3': 'unknown' });
    const alone = buildStatus({ ...well, monitors: monitors.slice(2) });
    expect(alone.zones.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(alone.isWhole).toBe(false);
  });

  it('shows a drained zone, and is whole all the same', () => {
    const drain = { reason: 'new kernel', endsAt: '2026-01-01T01:00:00.000Z' };
    const drained = (said: ZonesReply): ZonesReply => ({
      ...said,
      zones: said.zones.map((each) => (each.zone === 'z-2' ? { ...each, drain } : each)),
    });
    const status = buildStatus({ ...well, monitors: well.monitors.map(drained) });
    expect(status.zones.map((zone) => zone.drain)).toEqual([undefined, drain, undefined]);
    expect(status.isWhole).toBe(true);
    expect(renderStatus(status, nowMs)).toMatch(/z-2 +healthy, drained +voter/);
    expect(renderStatus(status, nowMs)).toContain(
      'z-2: drained until 2026-01-01T01:00:00.000Z (new kernel)',
    );
    const cutOff = drained(monitor('z-2', ['unknown', 'unknown', 'unknown']));
    const others = buildStatus({ ...well, monitors: [well.monitors[0]!, cutOff] });
    expect(others.zones[1]).not.toHaveProperty('drain');
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
    expect(renderStatus(buildStatus({ ...well, processes }), nowMs)).toContain(
      'z-1: redis is killed.',
    );
  });

  it('shows how far a rebuild is, what the last one did, and what may be lost meanwhile', () => {
    const learner = { zone: 'z-2', standing: 'learner', reason: 'it holds no copy yet' };
    const rebuild = {
      ...{ zone: 'z-2', cause: 'wiped', done: 4_120, total: 10_000, recordsPerSecond: 830 },
      ...{ leftS: 7, openedAt: '2026-01-01T00:00:00Z', waitsFor: '' },
    };
    const lastRebuild = {
      ...{ zone: 'z-3', cause: 'rolled-back', records: 12 },
      ...{ openedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:03Z' },
    };
    const status = buildStatus({
      ...well,
      acceptors: {
        ...voters,
        ...{ rebuild, lastRebuild },
        zones: voters.zones.map((zone) => (zone.zone === 'z-2' ? learner : zone)),
      },
    });
    expect(status).toMatchObject({ isWhole: false, rebuild, lastRebuild });
    const lines = renderStatus(status, nowMs).split('\n');
    expect(lines).toContain(
      "Redundancy: z-2 does not vote; the loss of another zone's disk may lose data now.",
    );
    expect(lines).toContain('z-2: rebuild (wiped): 4,120 of 10,000 records, 830/s, 7 s left');
    expect(lines).toContain(
      'Last rebuild: z-3 (rolled-back), 12 records in 3 s, finished at 2026-01-01T00:00:03Z.',
    );
  });

  it('does not warn of lost redundancy when nobody could be asked', () => {
    const status = buildStatus({ ...well, acceptors: { problem: 'No key-manager.' } });
    expect(status).toMatchObject({ isWhole: false, rebuild: null, epoch: null });
    expect(renderStatus(status, nowMs)).not.toContain('Redundancy');
  });

  it('of a development region says what it has been told, and of another nothing', () => {
    const dev = {
      revision: 3,
      clockOffsetMs: 31 * 86_400_000,
      lastInjectionId: 4,
      injections: [
        { id: 4, route: '*', status: 503 as const, latencyMs: 20, percent: 5, untilMs: 0 },
      ],
    };
    const text = renderStatus(buildStatus({ ...well, dev }), nowMs);
    expect(text).toContain('Development region');
    expect(text).toContain("The keys' time is 31d ahead.");
    expect(text).toContain(
      'Injected into every operation: 20 ms, then 503 for 5 % until 1970-01-01T00:00:00.000Z (4).',
    );
    expect(buildStatus(well)).not.toHaveProperty('dev');
    expect(renderStatus(buildStatus(well), nowMs)).not.toContain('Development');
  });

  it('names the faults that are made on purpose, in a region with faults and nowhere else', () => {
    expect(renderStatus(buildStatus(well), nowMs)).not.toContain('ault');
    expect(renderStatus(buildStatus({ ...well, faults: [] }), nowMs)).toContain('none now');
    const fault: FaultRule = {
      id: 'f-00000001',
      from: { zone: 'z-1' },
      to: {},
      legs: 'both',
      percent: 100,
      end: 'sender',
      action: { kind: 'black-hole' },
      reason: 'a test',
      startedAt: '2026-01-01T00:00:00.000Z',
      expiresAt: '2026-01-01T00:05:00.000Z',
    };
    expect(renderStatus(buildStatus({ ...well, faults: [fault] }), nowMs)).toContain(
      'Fault f-00000001, for 5m more: black-hole: messages from z-1 to anybody (a test).',
    );
  });
});
