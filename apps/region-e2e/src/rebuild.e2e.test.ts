// A zone that lost its memory gets it back by itself, under load, without one failed request: wiped, put back to an old copy,
// moved to another Redis. ZONEHOLD_REBUILD_KEYS makes the long form of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { makeKeys, missingKeys } from './fast-keys.ts';
import { killEverything } from './kill-everything.ts';
import { lostKeys, startLoad, type Load } from './load.ts';
import { redisDirOf } from './offline-redis.ts';
import {
  copyData,
  rebuilt,
  statusOf,
  whileRedisIsDown,
  wipeData,
  type StatusJson,
} from './rebuilds.ts';
import { attachRegion } from './region.ts';
import { refusalOf, SdkClient } from './sdk.ts';

const region = attachRegion();
const workers = 8;
const keyCount = Number(process.env['ZONEHOLD_REBUILD_KEYS'] ?? 200);
/** Written after the copy that a zone is put back to. */
const newerKeyCount = Math.max(20, Math.floor(keyCount / 10));
/** From so many on a rebuild takes several looks at the status; what these show in between is tested then. */
const slowEnoughKeys = 5_000;
/** What a gateway gives a request, and a little for the way. */
const refusedWithinMs = 11_000;
const resumesWithinMs = 5_000;
/** Generous: what is promised of the time is proven by the long form. */
const rebuildWithinMs = 60_000 + keyCount * 10;

const client = new SdkClient({ ...region.sdkOptions('MANAGER'), connections: workers });
let load: Load;
/** Of the configuration when the last rebuild had ended. */
let epoch = 0;
const made: string[] = [];

beforeAll(async () => {
  epoch = (await statusOf(region)).epoch ?? 0;
  made.push(...(await makeKeys(region, keyCount)));
  load = startLoad(client, workers);
  await eventually('the load is under way', 20_000, async () => load.keys.length >= 10);
});

afterAll(async () => {
  await load.stop();
  client.close();
});

function redisProcesses(zone: string): readonly unknown[] {
  return region.files
    .processes()
    .filter((process) => process.zone === zone && process.service === 'redis');
}

/** Prints what a rebuild took. No request may have failed meanwhile. */
function print(what: string, statuses: readonly StatusJson[]): void {
  const end = statuses.at(-1);
  const last = end?.lastRebuild;
  epoch = end?.epoch ?? epoch;
  const ms = Date.parse(last?.finishedAt ?? '') - Date.parse(last?.openedAt ?? '');
  const { requests, failures, slowestMs } = load.take();
  console.log(
    `rebuild: ${what}: ${last?.records ?? 0} records in ${ms} ms; ${requests} requests, ${failures.length} failed, slowest ${Math.round(slowestMs)} ms`,
  );
  expect(failures).toEqual([]);
}

/** Statuses came while it was under way, and counted up; none said more than there was. */
function expectProgress(statuses: readonly StatusJson[]): void {
  const shown = statuses.flatMap(({ rebuild }) => (rebuild === null ? [] : [rebuild]));
  const counts = shown.map(({ done }) => done);
  expect(new Set(counts.filter((done) => done > 0)).size).toBeGreaterThan(1);
  expect(counts).toEqual(counts.toSorted((left, right) => left - right));
  expect(shown.every(({ done, total }) => done <= total)).toBe(true);
}

describe('under load', () => {
  it('a zone whose disk was wiped is rebuilt by itself, and no request fails', async () => {
    const zone = 'us-south-2';
    load.take();
    await whileRedisIsDown(region, zone, wipeData);
    const seen = await rebuilt(region, zone, epoch, rebuildWithinMs);
    print(`wiped ${zone}`, seen);
    if (keyCount >= slowEnoughKeys) expectProgress(seen);
    expect(seen.at(-1)?.lastRebuild).toMatchObject({ zone, cause: 'wiped' });
    expect(seen.at(-1)?.lastRebuild?.records).toBeGreaterThanOrEqual(keyCount);
    await region.isWhole();
  });

  it('a zone that starts from an older copy of its data is rebuilt by itself, and no request fails', async () => {
    const zone = 'us-south-3';
    load.take();
    const copy = copyData(region, zone);
    made.push(...(await makeKeys(region, newerKeyCount)));
    await whileRedisIsDown(region, zone, () => copy.putBack());
    const seen = await rebuilt(region, zone, epoch, rebuildWithinMs);
    copy.remove();
    print(`${zone} from an old copy`, seen);
    expect(['rolled-back', 'old-incarnation']).toContain(seen.at(-1)?.lastRebuild?.cause);
    await region.isWhole();
  });

  it('a zone moves to another Redis with one command, and no request fails', async () => {
    const zone = 'us-south-1';
    const oldDir = redisDirOf(region.regionDir, zone);
    load.take();
    const refused = await region.files.zonehold('zone', 'replace-redis', zone);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain(`The acceptor of ${zone} loses its vote`);
    expect(refused.stderr).toContain('run it again with --yes');
    const text = await region.zonehold('zone', 'replace-redis', zone, '--yes', '--json');
    const done = JSON.parse(text) as { from: { dir: string }; to: { dir: string } };
    expect(done.from.dir).toBe(oldDir);
    expect(redisDirOf(region.regionDir, zone)).toBe(done.to.dir);
    const seen = await rebuilt(region, zone, epoch, rebuildWithinMs);
    print(`another Redis for ${zone}`, seen);
    expect(seen.at(-1)?.lastRebuild?.cause).toBe('replaced');
    expect(redisProcesses(zone)).toHaveLength(1);
    await region.isWhole();
    // The new one is the zone's Redis in everything: also for who breaks it.
    await region.zonehold('zone', 'kill', zone, '--service', 'redis');
    await region.zonehold('zone', 'start', zone, '--service', 'redis');
    await region.isWhole();
    expect(load.take().failures).toEqual([]);
  });
});

describe('without load', () => {
  beforeAll(() => load.stop());

  it('a region of which one zone moved and another got an old disk comes back from kill -9 of everything', async () => {
    const zone = 'us-south-2';
    const copy = copyData(region, zone);
    made.push(...(await makeKeys(region, newerKeyCount)));
    await killEverything(region);
    copy.putBack();
    const started = await region.files.launch('--faults');
    expect({ code: started.code, stderr: started.stderr }).toMatchObject({ code: 0 });
    const seen = await rebuilt(region, zone, epoch, rebuildWithinMs);
    copy.remove();
    print(`${zone} from an old copy, after kill -9 of everything`, seen);
    await region.isWhole();
    expect(await missingKeys(region, made)).toEqual([]);
  });

  it('two zones without Redis: everything is refused in time, and service resumes by itself', async () => {
    const out = ['us-south-1', 'us-south-3'];
    const [id = ''] = made;
    await Promise.all(
      out.map((zone) => region.zonehold('zone', 'kill', zone, '--service', 'redis')),
    );
    for (const call of [
      () => client.createKey({ name: 'no quorum', extractable: false }),
      () => client.rotate(id),
      () => client.wrap(id),
    ]) {
      const startedMs = performance.now();
      const refusal = await refusalOf(call());
      // P6: it says that nothing was applied, and the SDK may come again.
      expect(refusal).toMatchObject({
        ...{ status: 503, code: 'SERVICE_UNAVAILABLE_ERR' },
        retryAfter: expect.stringMatching(/^\d+$/),
      });
      expect(performance.now() - startedMs).toBeLessThan(refusedWithinMs);
    }
    await region.zonehold('zone', 'start', 'us-south-3', '--service', 'redis');
    const returnedAtMs = performance.now();
    await eventually('service resumes', resumesWithinMs, async () => {
      await client.wrap(id);
      return true;
    });
    console.log(
      `rebuild: two zones out: serves ${Math.round(performance.now() - returnedAtMs)} ms after`,
    );
    await region.zonehold('zone', 'start', 'us-south-1', '--service', 'redis');
    await region.isWhole();
  });
});

describe('after all of it', () => {
  it('no acknowledged key is lost', async () => {
    await load.stop();
    const lost = await lostKeys(client, load.keys);
    const missing = await missingKeys(region, made);
    console.log(
      `rebuild: acknowledged keys: ${load.keys.length + made.length}, lost: ${lost.length + missing.length}`,
    );
    expect([...lost, ...missing]).toEqual([]);
  });
});
