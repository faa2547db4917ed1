// Drains among whole monitors, under virtual time: who knows of them, who refuses them, and what is told of them.
import type { DrainRequest } from '@zonehold/api-contract';
import type { FrameContext } from '@zonehold/mesh';
import { describe, expect, it } from 'vitest';
import { TestMonitors, zones } from '../test-monitors.ts';
import { drainMethods } from './drain-methods.ts';

const hourMs = 3_600_000;
const request = (zone: string, more: Partial<DrainRequest> = {}): DrainRequest => ({
  ...{ id: `d-${zone}`, zone, reason: 'new kernel', lengthMs: hourMs },
  ...more,
});

async function quietRegion(): Promise<TestMonitors> {
  const region = new TestMonitors();
  await region.rounds(3);
  return region;
}

/** What each monitor takes for drained. */
const drained = (region: TestMonitors) =>
  region.monitors.map((monitor) =>
    monitor.observers
      .drains()
      .map(({ zone }) => zone)
      .join(),
  );
const stepsOf = (region: TestMonitors, at: number) =>
  region.monitors[at]!.history.all()
    .filter(({ kind }) => kind === 'drain')
    .map(({ zone, from, to }) => `${zone} ${from}>${to}`);

describe('a drain', () => {
  it('is known to every monitor after a word, shown, advised, and ends by itself everywhere', async () => {
    const region = await quietRegion();
    const endsAt = new Date(region.clock.wallMs() + hourMs).toISOString();
    expect(region.monitors[0]!.drain(request('south-2'))).toEqual({ ok: true });
    await region.rounds(1);
    expect(drained(region)).toEqual(['south-2', 'south-2', 'south-2']);
    const page = region.monitors[2]!.regionHealth();
    expect(page.zones[1]).toMatchObject({ state: 'healthy', drain: { reason: 'new kernel' } });
    expect(Date.parse(page.zones[1]!.drain!.endsAt)).toBeGreaterThan(Date.parse(endsAt) - 1_000);
    expect(Date.parse(page.zones[1]!.drain!.endsAt)).toBeLessThanOrEqual(Date.parse(endsAt));
    expect(page.zones[0]).not.toHaveProperty('drain');
    expect(page.advice).toMatchObject({
      ...{ isPanic: false, weights: { 'south-1': 1, 'south-2': 0, 'south-3': 1 } },
    });
    expect(await region.metricsOf(2)).toMatch(/kms_zone_drained\{zone="south-2"[^}]*\} 1/);
    region.clock.advance(hourMs);
    await region.rounds(3);
    expect(drained(region)).toEqual(['', '', '']);
    expect(await region.metricsOf(2)).toMatch(/kms_zone_drained\{zone="south-2"[^}]*\} 0/);
    for (const at of [0, 1, 2])
      expect(stepsOf(region, at)).toEqual(['south-2 none>begun', 'south-2 begun>ended']);
    expect(region.lines.filter((line) => line.includes('"drain.begun"'))).toHaveLength(3);
  });

  it('that is over is not brought back by a monitor whose machine slept; one that is not over goes on there', async () => {
    const region = await quietRegion();
    region.monitors[0]!.drain(request('south-2', { lengthMs: hourMs / 4 }));
    await region.rounds(1);
    const sleep = async (sleptMs: number) => {
      region.clock.advance(sleptMs);
      region.sleptMs.set('south-3', (region.sleptMs.get('south-3') ?? 0) + sleptMs);
      await region.rounds(3);
    };
    await sleep(hourMs / 8);
    expect(drained(region)).toEqual(['south-2', 'south-2', 'south-2']);
    await sleep(hourMs / 4);
    expect(drained(region)).toEqual(['', '', '']);
    for (const at of [0, 2])
      expect(stepsOf(region, at)).toEqual(['south-2 none>begun', 'south-2 begun>ended']);
  });

  it('is lifted at any monitor for all, and may begin again', async () => {
    const region = await quietRegion();
    region.monitors[0]!.drain(request('south-2'));
    await region.rounds(1);
    expect(region.monitors[1]!.undrain({ zone: 'south-2' })).toEqual({ ok: true });
    await region.rounds(1);
    expect(drained(region)).toEqual(['', '', '']);
    expect(stepsOf(region, 2)).toEqual(['south-2 none>begun', 'south-2 begun>lifted']);
    expect(region.monitors[1]!.undrain({ zone: 'south-2' })).toEqual({
      ...{ ok: false, reason: 'The zone south-2 is not drained.' },
    });
    expect(region.monitors[1]!.drain(request('south-2', { id: 'again' }))).toEqual({ ok: true });
    await region.rounds(1);
    expect(drained(region)).toEqual(['south-2', 'south-2', 'south-2']);
  });

  it('is learned from the others by a monitor that has just started', async () => {
    const region = await quietRegion();
    region.monitors[0]!.drain(request('south-2'));
    await region.rounds(1);
    region.restart('south-1');
    expect(drained(region)[0]).toBe('');
    await region.rounds(1);
    expect(drained(region)).toEqual(['south-2', 'south-2', 'south-2']);
  });

  it('is refused when fewer than two zones would serve, and when another zone is drained', async () => {
    const region = await quietRegion();
    region.monitors[0]!.drain(request('south-2'));
    await region.rounds(1);
    const reason =
      'Without south-3 only 1 of 3 zones would serve (south-1); at least 2 are needed.';
    expect(region.monitors[1]!.drain(request('south-3'))).toEqual({ ok: false, reason });
    expect(region.monitors[1]!.drain(request('south-2', { id: 'other' }))).toMatchObject({
      reason: expect.stringContaining('drained already') as unknown,
    });
    // The same request at another monitor is the same drain.
    expect(region.monitors[1]!.drain(request('south-2'))).toEqual({ ok: true });
    region.monitors[0]!.undrain({ zone: 'south-2' });
    region.cutOff('south-3');
    await region.rounds(7);
    expect(region.monitors[0]!.drain(request('south-1'))).toMatchObject({ ok: false });
    expect(region.monitors[0]!.drain(request('south-3', { id: 'down' }))).toEqual({ ok: true });
  });

  it('is neither begun, lifted nor read at a monitor that is cut off', async () => {
    const region = await quietRegion();
    region.monitors[0]!.drain(request('south-2'));
    await region.rounds(1);
    region.cutOff('south-3');
    await region.rounds(5);
    const refusal = { ok: false, reason: expect.stringContaining('cannot tell') as unknown };
    expect(region.monitors[2]!.drain(request('south-1', { id: 'x' }))).toEqual(refusal);
    expect(region.monitors[2]!.undrain({ zone: 'south-2' })).toEqual(refusal);
    const methods = drainMethods(region.monitors[2]!);
    for (const method of Object.values(methods))
      await expect(method.handle({}, {} as FrameContext)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    // It still knows of it, and shows it.
    expect(drained(region)).toEqual(['south-2', 'south-2', 'south-2']);
  });

  it('is asked for by frames of operators, and read by gateways', async () => {
    const region = await quietRegion();
    const methods = drainMethods(region.monitors[0]!);
    const call = (name: string, body: unknown) =>
      methods[`health-monitor.${name}`]!.handle(body, {} as FrameContext);
    expect(await call('drain', { ...request('south-2'), reason: '' })).toEqual({
      ...{ ok: false, reason: 'reason: must be a line of text.' },
    });
    expect(await call('drain', request('south-2'))).toEqual({ ok: true });
    expect(await call('drains', null)).toEqual({
      drains: [{ zone: 'south-2', reason: 'new kernel', remainingMs: hourMs }],
    });
    expect(await call('undrain', null)).toMatchObject({ ok: false });
    expect(await call('undrain', { zone: 'south-2' })).toEqual({ ok: true });
    expect(await call('drains', null)).toEqual({ drains: [] });
    const callers = Object.entries(methods).map(([name, method]) => [name, method.callers]);
    expect(Object.fromEntries(callers)).toEqual({
      'health-monitor.drain': ['operator'],
      'health-monitor.undrain': ['operator'],
      'health-monitor.drains': ['gateway', 'operator'],
    });
  });

  it('takes no vote: verdicts are what they were', async () => {
    const region = await quietRegion();
    region.monitors[0]!.drain(request('south-2'));
    await region.rounds(10);
    for (const monitor of region.monitors)
      expect(monitor.observers.verdicts().map(({ state, votes }) => [state, votes])).toEqual(
        zones.map(() => [
          'healthy',
          { 'south-1': 'healthy', 'south-2': 'healthy', 'south-3': 'healthy' },
        ]),
      );
  });
});
