// The traps of opossum that concern us (mesh reference B3), each against the real library with fake timers.
import CircuitBreaker from 'opossum';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type Random } from '@zonehold/primitives';
import type { CircuitState } from './circuit.ts';
import { circuitPolicyDefaults, OpossumCircuit } from './opossum-circuit.ts';

/** No jitter: the longest wait. */
const random: Random = { bytes: () => new Uint8Array(), unit: () => 1 };
let states: CircuitState[] = [];
let circuit: OpossumCircuit;

beforeEach(() => {
  vi.useFakeTimers();
  states = [];
  circuit = new OpossumCircuit({
    name: 'test',
    clock: systemClock,
    random,
    policy: circuitPolicyDefaults,
    onState: (state) => states.push(state),
  });
});

afterEach(() => {
  circuit.close();
  vi.useRealTimers();
});

/** opossum judges an outcome some microtasks later. */
async function report(outcome: 'success' | 'failure' | 'ignored', times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const permit = circuit.acquire();
    expect(permit).not.toBe('refused');
    circuit.report(permit, outcome);
    await vi.advanceTimersByTimeAsync(0);
  }
}

describe('a circuit', () => {
  it('does not open on the first failure (trap 1)', async () => {
    await report('failure', 4);
    expect(circuit.state).toBe('closed');
  });

  it('opens after five failures in a row', async () => {
    await report('failure', 5);
    expect(circuit.state).toBe('open');
    expect(circuit.acquire()).toBe('refused');
  });

  it('opens when more than half of twenty calls failed, never five in a row', async () => {
    for (let round = 0; round < 6; round += 1) {
      await report('success');
      await report('failure', 2);
    }
    expect(circuit.state).toBe('closed');
    await report('success');
    await report('failure');
    expect(circuit.state).toBe('open');
  });

  it('lets exactly one probe through when half-open (trap 2), and closes on its success', async () => {
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    expect(circuit.state).toBe('half-open');
    expect(circuit.acquire()).toBe('probe');
    expect(circuit.acquire()).toBe('refused');
    circuit.report('probe', 'success');
    await vi.advanceTimersByTimeAsync(0);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('is not wedged by a probe that says nothing (trap 3)', async () => {
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    expect(circuit.acquire()).toBe('probe');
    circuit.report('probe', 'ignored');
    expect(circuit.acquire()).toBe('probe');
  });

  it('does not take a failure made here for a success (trap 4)', async () => {
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    await report('ignored');
    expect(circuit.state).toBe('half-open');
  });

  it('is not opened by calls that were turned away here (trap 5): they are never told to it', async () => {
    await report('ignored', 1_000);
    expect(circuit.state).toBe('closed');
    await report('failure', 4);
    expect(circuit.state).toBe('closed');
  });

  it('does not touch the other calls under way when it opens (trap 7)', async () => {
    const underWay = Array.from({ length: 10 }, () => circuit.acquire());
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    for (const permit of underWay) circuit.report(permit, 'failure');
    await vi.advanceTimersByTimeAsync(0);
    expect(states).toEqual(['open', 'half-open']);
    await report('success');
    expect(circuit.state).toBe('closed');
  });

  it('half-opens in time although the wall clock jumped (trap 9)', async () => {
    await report('failure', 5);
    vi.setSystemTime(Date.now() - 3_600_000);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    expect(circuit.state).toBe('half-open');
    await report('success');
    vi.setSystemTime(Date.now() + 7_200_000);
    await report('failure', 4);
    expect(circuit.state).toBe('closed');
  });

  it('is not closed by an answer to a call from before it opened', async () => {
    const early = circuit.acquire();
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    circuit.report(early, 'success');
    await vi.advanceTimersByTimeAsync(0);
    expect(circuit.state).toBe('half-open');
  });

  it('is not diluted by calls it rejected (trap 6): after closing, the same failures open it again', async () => {
    await report('failure', 5);
    for (let rejected = 0; rejected < 1_000; rejected += 1)
      expect(circuit.acquire()).toBe('refused');
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    await report('success');
    expect(circuit.state).toBe('closed');
    for (let round = 0; round < 7; round += 1) {
      if (circuit.state === 'closed') await report('success');
      for (let time = 0; time < 3 && circuit.state === 'closed'; time += 1) await report('failure');
    }
    expect(circuit.state).toBe('open');
  });

  it('starts with a clean window when it closes: one more failure does not open it', async () => {
    await report('success', 15);
    for (let round = 0; round < 4; round += 1) {
      await report('failure', 4);
      await report('success');
    }
    // 20 of 39: without emptying, the window would say 21 of 41 after the probe and one more.
    await report('failure', 4);
    expect(circuit.state).toBe('open');
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    await report('success');
    await report('failure');
    expect(circuit.state).toBe('closed');
  });

  it('waits longer each time it opens again, up to ten seconds (trap 8)', async () => {
    const waitsMs: number[] = [];
    await report('failure', 5);
    for (let round = 0; round < 6; round += 1) {
      let waitedMs = 0;
      while (circuit.state === 'open') {
        await vi.advanceTimersByTimeAsync(100);
        waitedMs += 100;
      }
      waitsMs.push(waitedMs);
      await report('failure');
    }
    expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('begins with the short wait again after a calm time', async () => {
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(1_000);
    await report('failure');
    await vi.advanceTimersByTimeAsync(2_000);
    await report('success');
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMaxMs + 1_000);
    await report('failure', 5);
    await vi.advanceTimersByTimeAsync(circuitPolicyDefaults.resetMs);
    expect(circuit.state).toBe('half-open');
  });
});

describe('opossum itself, as installed', () => {
  // Why the calls do not run inside it: when one of these is no longer so, opossum-circuit.ts may become simpler.
  const settings = {
    timeout: false,
    volumeThreshold: 1,
    errorThresholdPercentage: 50,
    resetTimeout: 1_000,
  } as const;
  const failing = (): Promise<never> => Promise.reject(new Error('no'));
  let breaker: CircuitBreaker;
  afterEach(() => breaker.shutdown());

  it('opens on the first failure by default (trap 1)', async () => {
    breaker = new CircuitBreaker(failing);
    await expect(breaker.fire()).rejects.toThrow('no');
    expect(breaker.opened).toBe(true);
  });

  it('is wedged in half-open by a probe that never settles (trap 3)', async () => {
    let isHanging = false;
    breaker = new CircuitBreaker(
      () => (isHanging ? new Promise<never>(() => undefined) : failing()),
      settings,
    );
    await expect(breaker.fire()).rejects.toThrow('no');
    isHanging = true;
    await vi.advanceTimersByTimeAsync(1_000);
    void breaker.fire();
    await vi.advanceTimersByTimeAsync(3_600_000);
    await expect(breaker.fire()).rejects.toMatchObject({ code: 'EOPENBREAKER' });
  });

  it('is closed by an error that its filter lets pass (trap 4)', async () => {
    let isFiltered = false;
    breaker = new CircuitBreaker(failing, { ...settings, errorFilter: () => isFiltered });
    await expect(breaker.fire()).rejects.toThrow('no');
    isFiltered = true;
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(breaker.fire()).rejects.toThrow('no');
    expect(breaker.closed).toBe(true);
  });

  it('takes what its capacity turns away for failures (trap 5)', async () => {
    breaker = new CircuitBreaker(() => new Promise<never>(() => undefined), {
      ...settings,
      capacity: 1,
    });
    void breaker.fire();
    for (let call = 0; call < 2; call += 1)
      await expect(breaker.fire()).rejects.toMatchObject({ code: 'ESEMLOCKED' });
    expect(breaker.opened).toBe(true);
  });

  it('counts calls it rejected as calls (trap 6)', async () => {
    breaker = new CircuitBreaker(failing, settings);
    await expect(breaker.fire()).rejects.toThrow('no');
    for (let call = 0; call < 10; call += 1)
      await expect(breaker.fire()).rejects.toMatchObject({ code: 'EOPENBREAKER' });
    expect(breaker.stats).toMatchObject({ fires: 11, failures: 1, rejects: 10 });
  });
});
