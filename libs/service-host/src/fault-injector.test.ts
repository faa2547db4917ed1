// How a service follows the directory of faults.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addFault, clearFaults, type FaultSpec } from '@zonehold/faults';
import { ManualClock, SeededRandom } from '@zonehold/primitives';
import { createLog, createMetrics, type Metrics } from '@zonehold/telemetry';
import { FaultInjector } from './fault-injector.ts';

let dir: string;
let clock: ManualClock;
let random: SeededRandom;
let metrics: Metrics;
let lines: { event: string; id?: string; fault?: string }[];
let injector: FaultInjector;

const spec: FaultSpec = {
  from: { zone: 'south-1' },
  action: { kind: 'black-hole' },
  reason: 'a test',
  lastsMs: 60_000,
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zonehold-faults-'));
  clock = new ManualClock();
  random = new SeededRandom(1);
  lines = [];
  const process = { service: 'gateway', zone: 'south-1', region: 'south' };
  metrics = createMetrics(process);
  const log = createLog({
    ...{ ...process, level: 'info' },
    destination: {
      write: (text: string) => void lines.push(JSON.parse(text) as (typeof lines)[0]),
    },
  });
  const self = { zone: 'south-1', service: 'gateway' } as const;
  injector = new FaultInjector({ dir, self, clock, random, log, metrics });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function add(more: Partial<FaultSpec> = {}): Promise<string> {
  const added = await addFault(dir, { ...spec, ...more }, clock, random);
  if (!added.ok) throw new Error(added.problems.join(' '));
  return added.rule.id;
}

/** What becomes of a request of this gateway. */
function send(): 'delivered' | 'vanished' {
  let fate: 'delivered' | 'vanished' = 'vanished';
  injector.port
    .edge({ zone: 'south-2', service: 'key-manager' })
    .pass(
      { direction: 'out', leg: 'request', route: 'wrap', bytes: 10 },
      { deliver: () => (fate = 'delivered'), cut: () => undefined },
    );
  return fate;
}

describe('a service in a region with faults', () => {
  it('goes by a rule as soon as it has seen it, and until it is gone', async () => {
    expect(send()).toBe('delivered');
    const id = await add();
    expect(send()).toBe('delivered');
    await injector.look();
    expect(send()).toBe('vanished');
    expect(injector.view()).toMatchObject({ zone: 'south-1', faults: [{ id }] });
    await clearFaults(dir, { id });
    await injector.look();
    expect(send()).toBe('delivered');
    expect(injector.view().faults).toEqual([]);
  });

  it('goes by no rule that is over, whether it looks or not', async () => {
    await add();
    await injector.look();
    clock.advance(60_000);
    expect(send()).toBe('delivered');
    expect(injector.active()).toEqual([]);
  });

  it('says in its log when each rule begins and ends, once', async () => {
    const id = await add();
    await injector.look();
    await injector.look();
    clock.advance(60_000);
    await injector.look();
    expect(lines.map((line) => [line.event, line.id])).toEqual([
      ['fault.began', id],
      ['fault.ended', id],
    ]);
    expect(lines[0]?.fault).toBe('black-hole: messages from south-1 to anybody');
  });

  it('counts the rules in force, and the messages they took hold of', async () => {
    await add();
    await injector.look();
    send();
    const text = await metrics.text();
    expect(text).toMatch(/^kms_faults_active\{action="black-hole",.*\} 1$/m);
    expect(text).toMatch(/^kms_faults_active\{action="delay",.*\} 0$/m);
    expect(text).toMatch(/^kms_faults_injected_total\{action="black-hole",leg="request",.*\} 1$/m);
  });

  it('names a file that is no rule, once, and goes by the others', async () => {
    await writeFile(join(dir, 'f-broken00.json'), '{');
    await add();
    await injector.look();
    await injector.look();
    expect(lines.filter(({ event }) => event === 'fault.unreadable')).toHaveLength(1);
    expect(send()).toBe('vanished');
  });

  it('keeps its rules, and lets them end, when the directory is gone', async () => {
    await add();
    await injector.look();
    await rm(dir, { recursive: true });
    await injector.look();
    expect(send()).toBe('vanished');
    clock.advance(60_000);
    await injector.look();
    expect(lines.at(-1)?.event).toBe('fault.ended');
  });
});
