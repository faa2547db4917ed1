// Three whole monitors that can see each other or not: what their pages, events, log and metrics say.
import { describe, expect, it } from 'vitest';
import { wellFound } from './probe.ts';
import { silent, TestMonitors, zones } from './test-monitors.ts';

describe('a monitor', () => {
  it('cannot tell until it has heard most others, and says so', () => {
    const [first] = new TestMonitors().monitors;
    expect(first!.zones()).toMatchObject({ region: 'south', observer: 'south-1' });
    for (const { state, reasons } of first!.zones().zones) {
      expect(state).toBe('unknown');
      expect(reasons).toEqual(['This monitor is not in touch with most others, and cannot tell.']);
    }
  });

  it('calls a quiet region healthy, and shows who sees what', async () => {
    const region = new TestMonitors();
    await region.rounds(3);
    const page = region.monitors[0]!.regionHealth();
    expect(page.zones.map(({ state }) => state)).toEqual(['healthy', 'healthy', 'healthy']);
    expect(page).toMatchObject({ isIsolated: false, advice: { isPanic: false } });
    const all = { 'south-1': 'healthy', 'south-2': 'healthy', 'south-3': 'healthy' };
    expect(page.monitors).toEqual(
      zones.map((zone) => ({ zone, isHeard: true, isIsolated: false, sees: all })),
    );
    expect(page.zones[1]?.votes).toEqual(all);
    expect(Object.keys(page.zones[1]?.services ?? {})).toContain('redis');
  });

  it('tells of a zone that goes down in page, events, log and metrics', async () => {
    const region = new TestMonitors();
    await region.rounds(3);
    region.cutOff('south-3');
    await region.rounds(7);
    const [first] = region.monitors;
    const page = first!.regionHealth();
    expect(page.zones.map(({ state }) => state)).toEqual(['healthy', 'healthy', 'down']);
    expect(page.zones[2]).toMatchObject({
      reasons: expect.arrayContaining(['redis: Not a word.']) as unknown,
      votes: { 'south-1': 'down', 'south-2': 'down' },
    });
    expect(page.monitors[2]).toMatchObject({ isHeard: false, sees: {} });
    expect(page.advice.weights).toEqual({ 'south-1': 1, 'south-2': 1, 'south-3': 0 });
    expect(first!.history.all().at(-1)).toMatchObject({
      ...{ kind: 'zone', zone: 'south-3', to: 'down' },
      reasons: expect.arrayContaining(['redis: Not a word.']) as unknown,
    });
    expect(region.lines.some((line) => line.includes('"zone.down"'))).toBe(true);
    const text = await region.metricsOf(0);
    expect(text).toMatch(/kms_zone_standing\{zone="south-3",standing="down"[^}]*\} 1/);
    expect(text).toMatch(/kms_zone_standing\{zone="south-3",standing="healthy"[^}]*\} 0/);
    expect(text).toMatch(/kms_zone_standing\{zone="south-1",standing="healthy"[^}]*\} 1/);
    expect(text).toMatch(/kms_zone_advised_weight\{zone="south-3"[^}]*\} 0/);
    expect(text).toMatch(/kms_monitor_heard\{zone="south-3"[^}]*\} 0/);
    expect(text).toMatch(/kms_monitor_isolated\{[^}]*\} 0/);
  });

  it('that is cut off tells of itself, and blames nobody', async () => {
    const region = new TestMonitors();
    await region.rounds(3);
    region.cutOff('south-3');
    await region.rounds(20);
    const third = region.monitors[2]!;
    const page = third.regionHealth();
    expect(page.isIsolated).toBe(true);
    expect(page.zones.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(page.advice.weights).toEqual({ 'south-1': 1, 'south-2': 1, 'south-3': 1 });
    expect(third.history.all().map(({ to }) => to)).not.toContain('down');
    expect(third.history.all()).toContainEqual(
      expect.objectContaining({ kind: 'isolation', zone: 'south-3', to: 'isolated' }),
    );
    expect(await region.metricsOf(2)).toMatch(/kms_monitor_isolated\{[^}]*\} 1/);
    // Its own eyes are shown for what they are.
    expect(page.monitors[2]?.sees).toMatchObject({ 'south-1': 'down', 'south-3': 'healthy' });
  });

  it('names who complains when its own eyes see nothing wrong', async () => {
    const region = new TestMonitors();
    await region.rounds(3);
    region.found = (from, zone, target) =>
      from !== 'south-1' && zone === 'south-3' && target === 'redis' ? silent : wellFound;
    await region.rounds(12);
    expect(region.monitors[0]!.zones().zones[2]).toMatchObject({
      state: 'down',
      reasons: ['south-2 says down.', 'south-3 says down.'],
    });
  });
});
