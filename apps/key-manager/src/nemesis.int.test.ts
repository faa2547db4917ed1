// Key-managers of three zones over real Redis, while one zone after the other breaks: every history is linearizable, nothing
// acknowledged is lost, nobody is refused, and the region mends itself. Longer: ZONEHOLD_NEMESIS_SECONDS=25.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SeededRandom, systemClock } from '@zonehold/primitives';
import { checkHistory, keyModel, until, writeHistory, type Json } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordedClients } from './testing/recorded-clients.ts';
import { startRedisRegion, type RedisRegion } from './testing/redis-region.ts';
import { zoneFaults, type Strike, type ZoneFault } from './testing/zone-faults.ts';

const runMs = Number(process.env['ZONEHOLD_NEMESIS_SECONDS'] ?? '2') * 1_000;
/**
 * The log of all runs and its rewrite beside it fit, at about half a MiB a second: a disk that fills up by itself is another
 * fault than the one under test.
 */
const diskMaxBytes = Math.max(1, runMs / 5_000) * 96 * 1024 * 1024;
const clientCount = 6;
/** What the busiest test machine took for a restart and a rebuild, many times over. */
const testTimeoutMs = runMs + 120_000;

let region: RedisRegion;

beforeAll(async () => {
  region = await startRedisRegion(diskMaxBytes);
  await region.whole();
}, 120_000);

afterAll(async () => {
  await region.stop();
});

/** Strikes zone after zone until the time is over, at least one; resolves with how often. */
async function strikeZones(fault: ZoneFault, clients: RecordedClients): Promise<number> {
  const endsAtMs = systemClock.monotonicMs() + runMs;
  const elapsed = (): boolean => systemClock.monotonicMs() >= endsAtMs;
  let strikes = 0;
  do {
    const strike: Strike = {
      region,
      zone: strikes % 3,
      pause: async (forMs) => {
        const untilMs = systemClock.monotonicMs() + forMs;
        await until('the pause is over', () => systemClock.monotonicMs() >= untilMs);
      },
      moreOperations: async (count) => {
        const target = clients.history.length + count;
        await until('the clients went on', () => clients.history.length >= target, 60_000);
      },
    };
    await fault.strike(strike);
    strikes += 1;
    await region.whole();
    await strike.moreOperations(20);
  } while (!elapsed());
  return strikes;
}

/** For whoever wants to look at it, or to check it with another program. */
function keep(name: string, clients: RecordedClients): void {
  const folder = process.env['ZONEHOLD_HISTORIES'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.jsonl`);
  writeFileSync(file, writeHistory(clients.history));
}

describe('clients of key-managers see one history and lose nothing, under', () => {
  it.each(zoneFaults.map((fault, at) => ({ ...fault, at })))(
    '$name',
    async (fault) => {
      const clients = new RecordedClients(
        region.managers,
        await region.instance(fault.name),
        new SeededRandom(1 + fault.at),
      );
      const rebuiltBefore = rebuiltCount();
      const working = clients.run(clientCount);
      const strikes = await strikeZones(fault, clients).finally(() => clients.stop());
      await working;
      expect(await clients.readBack()).toEqual([]);
      keep(fault.name, clients);
      expect(checkHistory(keyModel, clients.history)).toEqual([]);
      expect(region.alarms).toEqual([]);
      expect({
        refused: clients.unanswered('not-applied'),
        unknown: clients.unanswered('unknown'),
      }).toEqual({ refused: 0, unknown: 0 });
      if (fault.isRebuilt) expect(rebuiltCount() - rebuiltBefore).toBe(strikes);
      report(fault, strikes, clients);
    },
    testTimeoutMs,
  );
});

/** A rebuild takes three configurations. */
function rebuiltCount(): number {
  return Math.floor((region.managers[0]!.admin.rebuilds.epoch() - 1) / 3);
}

/** One line for whoever reads the run. */
function report({ name }: ZoneFault, strikes: number, { history }: RecordedClients): void {
  const keys = new Set(history.map(({ register }) => register)).size;
  process.stdout.write(
    `nemesis: ${JSON.stringify({ fault: name, strikes, operations: history.length, keys } satisfies Json)}\n`,
  );
}
