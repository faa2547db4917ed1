// One tenant at ten times its limit beside others that keep theirs, in a region with a low limit: the others notice nothing.
// ZONEHOLD_FAIRNESS_ROUNDS makes the long form of it, which also judges by how much their requests become slower.
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from './contract/api.ts';
import { median, p99, paced, type Paced } from './paced.ts';
import { TestRegion } from './region.ts';
import { ownInstance } from './own-instance.ts';

const rounds = Number(process.env['ZONEHOLD_FAIRNESS_ROUNDS'] ?? 1);
const isJudged = rounds >= 5;
const limitPerSecond = 50;
const othersCount = 8;
/** Within one gateway's share of the limit: a tenant with few connections may meet only one. */
const othersPerSecond = 12;
const roundMs = isJudged ? 10_000 : 3_000;
/** What is promised: the others' p99 beside the loud one, against their own without it. */
const ratioMax = 1.5;
const timeoutMs = 60_000 + rounds * roundMs * 3;

let running: RunningRegion;
let loud: Api;
let others: Api[];
let keyIds: string[];

beforeAll(async () => {
  running = await startRegion({ launchOptions: ['--requests-per-second', String(limitPerSecond)] });
  const region = new TestRegion(running);
  const tenant = async (name: string): Promise<Api> => {
    const { instanceId, apiKey } = await ownInstance(region, name);
    return new Api(region, apiKey, { instanceId });
  };
  loud = await tenant('loud');
  others = [];
  for (let at = 0; at < othersCount; at += 1) others.push(await tenant(`quiet-${at}`));
  keyIds = await Promise.all([loud, ...others].map(async (by) => (await by.key()).id));
}, 120_000);

afterAll(async () => {
  [loud, ...others].forEach((by) => by.close());
  await running.stop();
});

const wrap = (by: Api, id: string | undefined) => () =>
  by.say('POST', `/keys/${id}/actions/wrap`, { body: {} });

/** One round of the others, together. */
async function othersWork(): Promise<Paced> {
  const seen = await Promise.all(
    others.map((by, at) => paced(othersPerSecond, roundMs, wrap(by, keyIds[at + 1]))),
  );
  const statuses: Record<number, number> = {};
  for (const { statuses: some } of seen) {
    for (const [status, count] of Object.entries(some))
      statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count;
  }
  return {
    statuses,
    latenciesMs: seen.flatMap(({ latenciesMs }) => latenciesMs),
    elapsedMs: Math.max(...seen.map(({ elapsedMs }) => elapsedMs)),
  };
}

describe('a tenant at ten times its limit', () => {
  it(
    'is refused beyond it, and no other tenant is refused or served late',
    async () => {
      // Connections are opened and code is compiled before anything is measured.
      await Promise.all([othersWork(), paced(limitPerSecond * 10, roundMs, wrap(loud, keyIds[0]))]);
      const ratios: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const alone = await othersWork();
        const [beside, loudly] = await Promise.all([
          othersWork(),
          paced(limitPerSecond * 10, roundMs, wrap(loud, keyIds[0])),
        ]);
        const [quietMs, besideMs] = [p99(alone.latenciesMs), p99(beside.latenciesMs)];
        ratios.push(besideMs / quietMs);
        console.log(
          `tenants: loud ${JSON.stringify(loudly.statuses)}, others ${JSON.stringify(beside.statuses)}, their p99 ${quietMs.toFixed(1)} ms alone, ${besideMs.toFixed(1)} ms beside it`,
        );
        expect(Object.keys(alone.statuses)).toEqual(['200']);
        expect(Object.keys(beside.statuses)).toEqual(['200']);
        // What it may at any time, and twice a second's worth that may come at once.
        const allowed = limitPerSecond * (loudly.elapsedMs / 1_000 + 2);
        expect(loudly.statuses[200]).toBeLessThanOrEqual(allowed * 1.1);
        expect(loudly.statuses[429]).toBeGreaterThan(((limitPerSecond * roundMs) / 1_000) * 5);
        expect(Object.keys(loudly.statuses)).toEqual(['200', '429']);
      }
      console.log(`tenants: p99 ratio ${median(ratios).toFixed(2)} (median of ${rounds})`);
      if (isJudged) expect(median(ratios)).toBeLessThanOrEqual(ratioMax);
    },
    timeoutMs,
  );
});
