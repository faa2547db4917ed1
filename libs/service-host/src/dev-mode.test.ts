// How a service follows the controls of a development region.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@zonehold/primitives';
import { createLog } from '@zonehold/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initialDevControls, standingInjections, type DevControls } from './dev-controls.ts';
import { DevMode } from './dev-mode.ts';

const dayMs = 86_400_000;
const log = createLog({ service: 'gateway', zone: 'z', region: 'r', level: 'silent' });
let folder: string;
let controlsPath: string;
let clock: ManualClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zonehold-dev-'));
  controlsPath = join(folder, 'dev-controls.json');
  clock = new ManualClock();
  write({});
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (change: Partial<DevControls>): void =>
  writeFileSync(controlsPath, JSON.stringify({ ...initialDevControls, ...change }));
const open = (): DevMode => new DevMode({ controlsPath, clock, log });

describe("the keys' time", () => {
  it("is the machine's until it is moved, and known before the service does anything", () => {
    expect(open().keyClock.wallMs()).toBe(clock.wallMs());
    write({ revision: 2, clockOffsetMs: dayMs });
    expect(open().keyClock.wallMs()).toBe(clock.wallMs() + dayMs);
  });

  it('moves with the file, and goes on with the machine; what is measured does not jump', async () => {
    const dev = open();
    const monotonicMs = dev.keyClock.monotonicMs();
    write({ revision: 2, clockOffsetMs: dayMs });
    await dev.look();
    clock.advance(5);
    expect(dev.keyClock.wallMs()).toBe(clock.wallMs() + dayMs);
    expect(dev.keyClock.monotonicMs()).toBe(monotonicMs + 5);
  });

  it('never goes back, whatever the file says', async () => {
    write({ revision: 5, clockOffsetMs: dayMs });
    const dev = open();
    write({ revision: 6, clockOffsetMs: 0 });
    await dev.look();
    expect(dev.controls).toMatchObject({ revision: 6, clockOffsetMs: dayMs });
    write({ revision: 4, clockOffsetMs: 9 * dayMs });
    await dev.look();
    expect(dev.controls).toMatchObject({ revision: 6, clockOffsetMs: dayMs });
  });
});

describe('a file of controls', () => {
  it.each([
    ['cut off', '{"revision": 2,'],
    ['of another shape', JSON.stringify({ ...initialDevControls, revision: 2, surprise: 1 })],
    [
      'with a time of the past',
      JSON.stringify({ ...initialDevControls, revision: 2, clockOffsetMs: -1 }),
    ],
  ])('that is %s changes nothing, and keeps a service from starting', async (_name, text) => {
    const dev = open();
    writeFileSync(controlsPath, text);
    await dev.look();
    expect(dev.controls).toEqual(initialDevControls);
    expect(open).toThrow(/dev-controls\.json/);
  });

  it('that is gone changes nothing', async () => {
    const dev = open();
    rmSync(controlsPath);
    await dev.look();
    expect(dev.controls).toEqual(initialDevControls);
  });

  it('is followed without being asked', async () => {
    const dev = open();
    dev.start();
    try {
      write({ revision: 2 });
      await expect.poll(() => dev.view().revision, { timeout: 5_000 }).toBe(2);
    } finally {
      dev.stop();
    }
  });

  it('needs an effect and an end for each injection', async () => {
    const dev = open();
    const injection = { id: 1, route: 'wrapKey', percent: 50, untilMs: 1 };
    write({ revision: 2, injections: [injection] });
    await dev.look();
    expect(dev.controls.revision).toBe(1);
    write({ revision: 2, injections: [{ ...injection, status: 503 }] });
    await dev.look();
    expect(dev.controls.injections).toHaveLength(1);
    expect(standingInjections(dev.controls.injections, 0)).toHaveLength(1);
    expect(standingInjections(dev.controls.injections, 1)).toEqual([]);
  });
});
