// The monitors and what they may do to requests, on real processes under load: a zone is drained and nobody notices; all monitors die and
// nobody notices; one that is alone or cut off accuses nobody; one that is not finds a dead zone in time. The figures are printed. In a region of
// their own: a zone that went down shortly before is held back, and faults must be allowed.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { BearerTokenAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js';
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from './contract/api.ts';
import { eventually } from './eventually.ts';
import { startLoad, type Load, type LoadReport } from './load.ts';
import { Monitors, type MonitorEvent } from './monitors.ts';
import { median, p99, paced, type Paced } from './paced.ts';
import { TestRegion } from './region.ts';
import { SdkClient } from './sdk.ts';

const [first, drained, last] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const zones = [first, drained, last];
const workers = 4;
/** So many requests without one in the zone say that it serves nobody: it served all of them before. */
const requestsMin = 40;
/** A monitor needs seconds of calm after whatever was before. */
const settleMs = 60_000;

/** Longer than the 2 s and 3 s after which a monitor that trusted its eyes would call zones down. */
const cutMs = 5_000;

let running: RunningRegion;
let region: TestRegion;
let monitors: Monitors;
let client: SdkClient;
let api: Api;
let load: Load;

beforeAll(async () => {
  running = await startRegion({ launchOptions: ['--faults'] });
  region = new TestRegion(running);
  monitors = new Monitors(region);
  // At the gateway of the zone that is drained: its clients must not notice either, and all of its work has to move.
  const url = region.zoneUrl(drained);
  // This region has an authority of its own, which the SDK's way to a token would not trust.
  client = new SdkClient(
    { ...region.sdkOptions('MANAGER'), url },
    new Agent({
      keepAlive: true,
      maxSockets: workers,
      ca: readFileSync(region.certificateAuthority),
    }),
    new BearerTokenAuthenticator({ bearerToken: await region.bearerToken('MANAGER') }),
  );
  api = new Api(region, region.apiKey('MANAGER'));
  await eventually('all is well', settleMs, () => monitors.allWell());
  load = startLoad(client, workers);
  await eventually('the load is under way', 20_000, async () => load.keys.length >= 4);
});

afterAll(async () => {
  await load.stop();
  client.close();
  api.close();
  await running.stop();
});

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

/** Collects what the load reports until `condition` holds. */
async function underLoad(
  what: string,
  timeoutMs: number,
  condition: (requests: number) => Promise<boolean>,
): Promise<LoadReport> {
  load.take();
  let requests = 0;
  const failures: LoadReport['failures'][number][] = [];
  let slowestMs = 0;
  await eventually(what, timeoutMs, async () => {
    const report = load.take();
    requests += report.requests;
    failures.push(...report.failures);
    slowestMs = Math.max(slowestMs, report.slowestMs);
    return condition(requests);
  });
  return { requests, failures, slowestMs };
}

/** Until many requests have been served and none of them by `zone`. When the last one was, on the monotonic clock. */
async function whenNotServing(zone: string): Promise<{ report: LoadReport; lastServedMs: number }> {
  let served = -1;
  let requestsThen = 0;
  let lastServedMs = performance.now();
  const report = await underLoad(`${zone} serves nobody`, 15_000, async (requests) => {
    const now = await monitors.servedBy(zone);
    if (now !== served) [served, requestsThen, lastServedMs] = [now, requests, performance.now()];
    return requests - requestsThen >= requestsMin;
  });
  return { report, lastServedMs };
}

/** Until `zone` has served requests again. */
async function untilServing(zone: string): Promise<LoadReport> {
  const before = await monitors.servedBy(zone);
  return underLoad(
    `${zone} serves again`,
    40_000,
    async () => (await monitors.servedBy(zone)) > before,
  );
}

describe('a drained zone', () => {
  it('serves nobody after seconds, no request fails, and it comes back by itself', async () => {
    await untilServing(drained);
    const begunMs = performance.now();
    await region.zonehold('drain', drained, '--for', '12s', '--reason', 'a test of drains');
    const toldMs = performance.now();
    const { report, lastServedMs } = await whenNotServing(drained);
    console.log(
      `drain: last request in ${drained} ${seconds(Math.max(0, lastServedMs - toldMs))} s after the command ended; ${report.requests} requests, ${report.failures.length} failed`,
    );

    const second = await region.files.zonehold('drain', last, '--reason', 'one too many');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('only 1 of 3 zones would serve');
    const pages = await Promise.all(zones.map((zone) => monitors.page(zone)));
    for (const { zones: shown, advice } of pages) {
      const drains = shown.filter(({ drain }) => drain !== undefined);
      expect(drains).toMatchObject([{ zone: drained, drain: { reason: 'a test of drains' } }]);
      expect(advice.weights).toMatchObject({ [first]: 1, [drained]: 0, [last]: 1 });
    }
    expect(await region.zonehold('status')).toMatch(/us-south-2 +healthy, drained +voter/);

    const after = await untilServing(drained);
    console.log(
      `drain: ${drained} served again ${seconds(performance.now() - begunMs)} s after a drain of 12 s was begun; ${after.failures.length} failed`,
    );
    expect(performance.now() - begunMs).toBeGreaterThan(12_000);
    expect([...report.failures, ...after.failures]).toEqual([]);
    // A gateway counts from its question, and is done a moment before a monitor looks at its clock.
    await eventually('every monitor has told the end', settleMs, async () => {
      const told = await Promise.all(zones.map((zone) => monitors.events(zone)));
      return told.every(
        (events) => events.findLast(({ kind }) => kind === 'drain')?.to === 'ended',
      );
    });
  });

  it('is served again when the drain is lifted, and is no drained zone then', async () => {
    await region.zonehold('drain', drained, '--reason', 'lifted soon');
    await whenNotServing(drained);
    await region.zonehold('undrain', drained);
    const report = await untilServing(drained);
    expect(report.failures).toEqual([]);
    const again = await region.files.zonehold('undrain', drained);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is not drained');
  });
});

describe('all monitors', () => {
  const everyMonitor = (action: 'kill' | 'start'): Promise<unknown> =>
    Promise.all(
      zones.map((zone) => region.zonehold('zone', action, zone, '--service', 'health-monitor')),
    );

  it('may be killed: no request fails or is slower, and a drain that was read runs out', async () => {
    const keyId = (await api.key()).id;
    const wraps = (durationMs: number): Promise<Paced> =>
      paced(40, durationMs, () => api.say('POST', `/keys/${keyId}/actions/wrap`, { body: {} }));
    // Connections are opened before anything is measured.
    await wraps(500);
    const quiet = await wraps(2_500);
    await region.zonehold('drain', drained, '--for', '10s', '--reason', 'monitors die');
    const readMs = performance.now();
    await whenNotServing(drained);
    await everyMonitor('kill');
    load.take();
    const dead = await wraps(2_500);
    const after = await untilServing(drained);
    const report = load.take();
    const waitedMs = performance.now() - readMs;
    await everyMonitor('start');
    const line = ({ latenciesMs }: Paced): string =>
      `median ${median(latenciesMs).toFixed(1)} ms, p99 ${p99(latenciesMs).toFixed(1)} ms`;
    console.log(
      `kill -9 of all monitors: quiet ${line(quiet)}; without them ${line(dead)}; ${drained} came back ${seconds(waitedMs)} s after a drain of 10 s`,
    );
    expect(Object.keys(dead.statuses)).toEqual(['200']);
    expect([...after.failures, ...report.failures]).toEqual([]);
    // Other work on this machine is noise; one that waits for a monitor would wait for a time-out.
    expect(median(dead.latenciesMs)).toBeLessThan(median(quiet.latenciesMs) * 2 + 25);
    await eventually('all is well', settleMs, () => monitors.allWell());
  });
});

describe('a monitor that is alone', () => {
  /** What every monitor has said of zones since the ids in `known`. */
  async function saidSince(known: ReadonlySet<string>): Promise<string[]> {
    const events = (await Promise.all(zones.map((zone) => monitors.events(zone)))).flat();
    return events.filter(({ id, kind }) => kind === 'zone' && !known.has(id)).map(({ to }) => to);
  }
  const knownIds = async (): Promise<Set<string>> =>
    new Set(
      (await Promise.all(zones.map((zone) => monitors.events(zone)))).flat().map(({ id }) => id),
    );
  const signal = (zone: string, name: NodeJS.Signals): void =>
    region.files.signal(zone, 'health-monitor', name);

  it('says unknown of every zone, and never down', async () => {
    const known = await knownIds();
    const states = new Set<string>();
    for (const zone of [first, drained]) signal(zone, 'SIGSTOP');
    try {
      await eventually('it has cannot tell for 3 s', 20_000, async () => {
        const page = await monitors.page(last);
        for (const { state } of page.zones) states.add(state);
        const isolation = (await monitors.events(last)).findLast(({ kind }) => kind !== 'drain');
        return page.isIsolated && Date.now() - Date.parse(isolation?.at ?? '') > 3_000;
      });
      const page = await monitors.page(last);
      expect(page.zones.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    } finally {
      for (const zone of [first, drained]) signal(zone, 'SIGCONT');
    }
    await eventually('all is well', settleMs, () => monitors.allWell());
    expect([...states]).not.toContain('down');
    expect(await saidSince(known)).not.toContain('down');
  });

  it('says nothing bad of the others after it was stopped itself, nor they of healthy zones', async () => {
    const known = await knownIds();
    signal(last, 'SIGSTOP');
    try {
      await eventually('the others miss it', 20_000, async () => {
        const page = await monitors.page(first);
        return page.zones.some(({ zone, state }) => zone === last && state === 'suspect');
      });
    } finally {
      signal(last, 'SIGCONT');
    }
    await eventually('all is well', settleMs, () => monitors.allWell());
    expect(await saidSince(known)).not.toContain('down');
  });
});

interface Seen {
  /** `observer>zone state`, of everything that was shown during the cut. */
  readonly said: ReadonlySet<string>;
  /** Requests at the regional endpoint meanwhile. */
  readonly load: Paced;
}

/** Looks at what the monitors say while the cut lasts, and after it until all is well. */
async function during(ways: readonly (readonly string[])[]): Promise<Seen> {
  const said = new Set<string>();
  const look = async (): Promise<void> => {
    for (const observer of zones) {
      const page = await monitors.page(observer);
      for (const { zone, state } of page.zones) said.add(`${observer}>${zone} ${state}`);
    }
  };
  const keyId = (await api.key()).id;
  for (const way of ways) await region.zonehold('fault', 'add', ...way, '--black-hole');
  const load = paced(20, cutMs, () => api.say('POST', `/keys/${keyId}/actions/wrap`, { body: {} }));
  try {
    await eventually('the monitor knows that it is cut off', settleMs, async () => {
      await look();
      return (await monitors.page(last)).isIsolated;
    });
    const isolatedMs = performance.now();
    await eventually('the cut has lasted', settleMs, async () => {
      await look();
      return performance.now() - isolatedMs > cutMs;
    });
    const page = await monitors.page(last);
    expect(page.zones.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(new Set(Object.values(page.advice.weights))).toEqual(new Set([1]));
  } finally {
    await region.zonehold('fault', 'clear', '--all');
  }
  await eventually('all is well', settleMs, async () => {
    await look();
    return monitors.allWell();
  });
  return { said, load: await load };
}

const accusations = ({ said }: Seen): string[] =>
  [...said].filter((sentence) => sentence.endsWith(' down')).toSorted();

/** What any monitor has ever said in its events; looks can miss what lasted a moment. */
async function downEvents(observers: readonly string[]): Promise<string[]> {
  const events = await Promise.all(
    observers.map(async (observer) =>
      (await monitors.events(observer))
        .filter(({ kind, to }) => kind === 'zone' && to === 'down')
        .map(({ zone }) => `${observer}>${zone}`),
    ),
  );
  return [...new Set(events.flat())].toSorted();
}

describe('a monitor that is cut off from the others', () => {
  it('on all of its links, both ways: says unknown, and no zone is down for anybody', async () => {
    const monitor = `${last}/health-monitor`;
    const seen = await during([
      ['--from', monitor],
      ['--to', monitor],
    ]);
    console.log(`monitor cut off: ${[...seen.said].toSorted().join(', ')}`);
    expect(accusations(seen)).toEqual([]);
    expect(await downEvents(zones)).toEqual([]);
    expect(Object.keys(seen.load.statuses)).toEqual(['200']);
  });
});

describe('a zone that is killed', () => {
  it('is down for the monitors that are left within seconds, and healthy some time after its start', async () => {
    const pids = region.files
      .processes()
      .filter(({ zone }) => zone === last)
      .flatMap(({ pid }) => (pid === null ? [] : [pid]));
    const since = new Map<string, readonly MonitorEvent[]>(
      await Promise.all(
        [first, drained].map(async (zone) => [zone, await monitors.events(zone)] as const),
      ),
    );
    const changes = async (observer: string, to: string): Promise<number> => {
      const known = new Set(since.get(observer)?.map(({ id }) => id));
      const found = (await monitors.events(observer)).find(
        (event) => event.zone === last && event.to === to && !known.has(event.id),
      );
      return found === undefined ? Number.NaN : Date.parse(found.at);
    };
    const all = async (to: string): Promise<number[]> =>
      Promise.all([first, drained].map((observer) => changes(observer, to)));

    const killing = region.zonehold('zone', 'kill', last);
    const goneAtMs = await allGone(pids);
    await killing;
    let down: number[] = [];
    await eventually('the zone is down', 20_000, async () => {
      down = await all('down');
      return down.every((at) => !Number.isNaN(at));
    });
    const detectedMs = Math.max(...down) - goneAtMs;
    await region.zonehold('zone', 'start', last);
    await region.isWhole();
    const wholeAtMs = Date.now();
    let healthy: number[] = [];
    await eventually('the zone is healthy', settleMs, async () => {
      healthy = await all('healthy');
      return healthy.every((at) => !Number.isNaN(at));
    });
    const recovering = await all('recovering');
    const [calmMs, recoveredMs] = [
      Math.min(...healthy.map((at, index) => at - (recovering[index] ?? 0))),
      Math.max(...healthy) - wholeAtMs,
    ];
    console.log(
      `kill -9 of ${last}: down in both monitors left ${seconds(detectedMs)} s after its last process was gone; healthy ${seconds(recoveredMs)} s after it was whole again`,
    );
    // Promised is 3 s, and kept in virtual time to the millisecond; here the monitors may wait for a processor.
    expect(detectedMs).toBeLessThan(6_000);
    expect(calmMs).toBeGreaterThan(4_000);
    expect(recoveredMs).toBeLessThan(20_000);
  });

  /** When none of the processes is left, in wall time. */
  async function allGone(pids: readonly number[]): Promise<number> {
    let atMs = 0;
    await eventually('the zone is killed', 20_000, async () => {
      atMs = Date.now();
      return !pids.some(isAlive);
    });
    return atMs;
  }

  function isAlive(pid: number): boolean {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  }
});

describe('a monitor that is cut off with its zone', () => {
  it('in one direction calls none of the zones down that it cannot be heard by', async () => {
    const seen = await during([first, drained].map((zone) => ['--from', last, '--to', zone]));
    console.log(`zone cut off one way: ${[...seen.said].toSorted().join(', ')}`);
    // Nobody gets an answer from that zone: the others are right to call it down, and its own monitor to believe them once it hears them.
    for (const accusation of accusations(seen)) expect(accusation).toContain(`>${last} `);
    for (const accusation of await downEvents(zones)) expect(accusation).toContain(`>${last}`);
  });
});
