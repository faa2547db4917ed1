// Faults on purpose in a running region: made by the command line, seen by clients and shown everywhere, and over by themselves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion } from './region.ts';

interface Fault {
  readonly id: string;
}

const region = attachRegion();

beforeAll(() => region.isWhole());
// Nothing of it is left to the next file, whatever failed.
afterAll(() => region.zonehold('fault', 'clear', '--all'));

/** How long a client waits for a token: one call from a gateway to a key-manager. */
async function tokenMs(): Promise<number> {
  const startedMs = performance.now();
  await region.bearerToken('READER');
  return performance.now() - startedMs;
}

const add = async (...words: string[]): Promise<Fault> =>
  (JSON.parse(await region.zonehold('fault', 'add', '--json', ...words)) as { fault: Fault }).fault;
const list = async (): Promise<readonly Fault[]> =>
  (JSON.parse(await region.zonehold('fault', 'list', '--json')) as { faults: Fault[] }).faults;

const page = async (address: string, path: string): Promise<{ faults?: readonly Fault[] }> =>
  (await (await fetch(`http://${address}${path}`)).json()) as { faults?: readonly Fault[] };

describe('a region with faults', () => {
  it('has a fault in force when the command is done, and shows it everywhere', async () => {
    const words = ['--from', 'gateway', '--to', 'key-manager', '--delay', '300ms'];
    const { id } = await add(...words, '--reason', 'a rehearsal');
    expect(await tokenMs()).toBeGreaterThanOrEqual(300);

    expect((await list()).map((fault) => fault.id)).toEqual([id]);
    expect(await region.zonehold('status')).toContain(`Fault ${id}`);
    for (const { address } of region.opsAddresses())
      expect((await page(address, '/faults')).faults?.map((fault) => fault.id)).toEqual([id]);
    const { host, opsPort } = region.endpoint(region.zones[0] ?? '', 'health-monitor');
    expect((await page(`${host}:${opsPort}`, '/v1/zones')).faults).toMatchObject([
      { id, reason: 'a rehearsal' },
    ]);
    const injected = (await region.allMetrics()).filter(({ text }) =>
      /^kms_faults_injected_total\{action="delay",leg="request",.*\} [1-9]/m.test(text),
    );
    expect(injected.length).toBeGreaterThan(0);
    expect(injected.every(({ service }) => service === 'gateway')).toBe(true);

    await region.zonehold('fault', 'clear', '--all');
    expect(await list()).toEqual([]);
  });

  it('is rid of a fault when its time is over, without anybody', async () => {
    const delay = ['--from', 'gateway', '--to', 'key-manager', '--delay', '300ms'];
    const { id } = await add(...delay, '--for', '2s');
    await eventually('everybody has said so', 10_000, async () =>
      region.logLines('gateway').some((line) => line.includes('fault.ended') && line.includes(id)),
    );
    expect(await tokenMs()).toBeLessThan(300);
    expect(await list()).toEqual([]);
  });

  it('serves on while a zone is a black hole for the others, and ends it at once when told', async () => {
    const zone = region.zones[1] ?? '';
    const isReached = async (): Promise<boolean> => {
      const metrics = await region.allMetrics();
      const ofFirst = metrics.find((entry) => entry.service === 'gateway') ?? { text: '' };
      const up = new RegExp(
        `^kms_mesh_link_up\\{service="key-manager",zone="${zone}",.*\\} (\\d)`,
        'm',
      );
      return up.exec(ofFirst.text)?.[1] === '1';
    };
    const { id } = await add('--to', zone, '--black-hole', '--for', '1m');
    for (let count = 0; count < 5; count += 1) await region.bearerToken('READER');
    await eventually('the link is cut', 5_000, async () => !(await isReached()));
    await region.zonehold('fault', 'clear', id);
    expect(await list()).toEqual([]);
    await eventually('the link is up again', 5_000, isReached);
  });

  it.each([
    ['no action', ['--to', 'redis'], 'does one thing'],
    ['a zone that is not there', ['--to', 'us-south-9', '--reset'], 'There is no zone us-south-9'],
    ['more than an hour', ['--reset', '--for', '2h'], 'At most 1h'],
  ])('refuses %s in a sentence', async (_what, words, sentence) => {
    const { code, stderr } = await region.files.zonehold('fault', 'add', ...words);
    expect(code).toBe(1);
    expect(stderr).toContain(sentence);
  });
});
