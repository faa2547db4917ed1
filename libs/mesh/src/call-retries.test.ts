// Which failures are repeated in another zone, and how often. Real TLS on loopback.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KmsError } from '@zonehold/primitives';
import { callers, echo, failing, hang, portsOf, threeZones } from './test-methods.ts';
import { allUp, TestRegion, within, zones } from './test-region.ts';

let region: TestRegion;
beforeEach(async () => {
  region = await TestRegion.create();
});
afterEach(() => region.close());

describe('a failed call', () => {
  it.each(['UNAVAILABLE', 'OVERLOADED', 'SEALED'] as const)(
    'answered %s, not applied, is made again in another zone',
    async (code) => {
      const servers = await threeZones(region, echo, failing(new KmsError(code, 'no')));
      const client = await region.client(portsOf(servers));
      await allUp(client);
      const result = await client.call('key-manager', 'work', 1, {
        deadline: within(2_000),
        retry: 'unsent',
      });
      expect(result.attempts).toBe(2);
    },
  );

  it.each(['INTEGRITY', 'INVALID_ARGUMENT', 'CONFLICT', 'NOT_FOUND', 'INTERNAL'] as const)(
    'answered %s is not made again, whatever it may',
    async (code) => {
      const servers = await threeZones(region, echo, failing(new KmsError(code, 'no')));
      const client = await region.client(portsOf(servers));
      await allUp(client);
      const options = { deadline: within(2_000), retry: 'always' } as const;
      await expect(client.call('key-manager', 'work', 1, options)).rejects.toMatchObject({ code });
    },
  );

  it('of unknown outcome is made again only when it carries its own identity', async () => {
    const servers = await threeZones(
      region,
      echo,
      failing(new KmsError('OUTCOME_UNKNOWN', 'who knows')),
    );
    const client = await region.client(portsOf(servers));
    await allUp(client);
    const deadline = within(2_000);
    await expect(
      client.call('key-manager', 'work', 1, { deadline, retry: 'unsent' }),
    ).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    await expect(
      client.call('key-manager', 'work', 1, { deadline, retry: 'always' }),
    ).resolves.toMatchObject({
      attempts: 2,
    });
  });

  it('stays unknown when a later attempt was refused: the first may have been applied', async () => {
    const servers = await threeZones(region, failing(new KmsError('UNAVAILABLE', 'no')), hang);
    const client = await region.client(portsOf(servers));
    await allUp(client);
    const call = client.call('key-manager', 'work', 1, {
      deadline: within(2_000),
      retry: 'always',
    });
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE', outcome: 'unknown' });
  });

  it('is tried three times at most, and in all three zones', async () => {
    const seen: string[] = [];
    const servers = await Promise.all(
      zones.map((zone) =>
        region.serve(zone, {
          work: {
            callers,
            handle: async () => {
              seen.push(zone);
              throw new KmsError('UNAVAILABLE', 'no');
            },
          },
        }),
      ),
    );
    const client = await region.client(portsOf(servers));
    await allUp(client);
    const options = { deadline: within(2_000), retry: 'always' } as const;
    await expect(client.call('key-manager', 'work', 1, options)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(seen.toSorted()).toEqual([...zones]);
  });

  it('is not repeated when the retry budget is spent', async () => {
    let exhausted = 0;
    const servers = await threeZones(region, echo, failing(new KmsError('OVERLOADED', 'no')));
    const client = await region.client(portsOf(servers), {
      observer: { retryBudgetExhausted: () => (exhausted += 1) },
      policy: { retryBudget: { ratio: 0, minPerSecond: 0.2, windowSeconds: 10 } },
    });
    await allUp(client);
    const call = () =>
      client.call('key-manager', 'work', 1, { deadline: within(2_000), retry: 'always' });
    await call();
    await call();
    await expect(call()).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(exhausted).toBe(1);
  });
});
