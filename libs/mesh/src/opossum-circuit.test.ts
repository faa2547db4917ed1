// The traps of opossum that concern us (mesh reference B3), each against the real library with fake timers.
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
