// Rules in time, lived through in all zones of a development region whose clock is moved: waits, windows, expirations, and the
// work that is due by itself.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, keyOf, policyBody, policyType, type Reply } from './contract/api.ts';
import { DevRegion } from './dev-region.ts';
import { eventually } from './eventually.ts';

let dev: DevRegion;
/** The manager at each zone's own gateway. */
let managers: readonly Api[];
let purgers: readonly Api[];

beforeAll(async () => {
  dev = await DevRegion.start();
  const { region } = dev;
  const at = (apiKey: string): readonly Api[] =>
    region.zones.map((zone) => new Api(region, apiKey, { url: region.zoneUrl(zone) }));
  managers = at(region.apiKey('MANAGER'));
  purgers = at(region.apiKey('KEYPURGE'));
}, 120_000);

afterAll(() => dev.stop());

const [first] = [(): Api => managers[0]!];

/** What each zone answers to `ask` about a key of its own, which `prepare` made through the first zone. */
async function inEveryZone(
  clients: readonly Api[],
  prepare: () => Promise<string>,
  then: () => Promise<void>,
  ask: (by: Api, id: string) => Promise<Reply>,
): Promise<{ status: number; code: string | undefined }[]> {
  const ids = await Promise.all(clients.map(() => prepare()));
  await then();
  const replies = await Promise.all(clients.map((client, at) => ask(client, ids[at] ?? '')));
  return replies.map((reply) => ({
    status: reply.status,
    code: reply.status < 400 ? undefined : codeOf(reply),
  }));
}

async function deleted(): Promise<string> {
  const { id } = await first().key();
  await first().say('DELETE', `/keys/${id}`);
  return id;
}

const everywhere = (status: number, code?: string): object[] =>
  managers.map(() => ({ status, code }));
const stay = (): Promise<void> => Promise.resolve();
const act = (action: string) => (by: Api, id: string) =>
  by.say('POST', `/keys/${id}/actions/${action}`);
const restore = (by: Api, id: string): Promise<Reply> => by.say('POST', `/keys/${id}/restore`);
const purge = (by: Api, id: string): Promise<Reply> => by.say('DELETE', `/keys/${id}/purge`);
const metadata = (by: Api, id: string): Promise<Reply> => by.say('GET', `/keys/${id}/metadata`);

describe('a wait', () => {
  it('of half a minute stands between disable and enable, in every zone', async () => {
    const disabled = async (): Promise<string> => {
      const { id } = await first().key();
      await act('disable')(first(), id);
      return id;
    };
    const early = await inEveryZone(managers, disabled, stay, act('enable'));
    expect(early).toEqual(everywhere(409, 'REQ_TOO_EARLY_ERR'));
    const late = await inEveryZone(managers, disabled, () => dev.advance('30s'), act('enable'));
    expect(late).toEqual(everywhere(204));
  });

  it('of an hour stands between two rotations, in every zone', async () => {
    const rotated = async (): Promise<string> => {
      const { id } = await first().key();
      await act('rotate')(first(), id);
      return id;
    };
    const early = await inEveryZone(managers, rotated, () => dev.advance('59m'), act('rotate'));
    expect(early).toEqual(everywhere(409, 'KEY_ROTATION_NOT_PERMITTED'));
    const late = await inEveryZone(managers, rotated, () => dev.advance('1h'), act('rotate'));
    expect(late).toEqual(everywhere(204));
  });

  it('of four hours stands between a deletion and its purge, in every zone', async () => {
    const early = await inEveryZone(purgers, deleted, () => dev.advance('3h'), purge);
    expect(early).toEqual(everywhere(409, 'REQ_TOO_EARLY_ERR'));
    const late = await inEveryZone(purgers, deleted, () => dev.advance('4h'), purge);
    expect(late).toEqual(everywhere(204));
  });
});

describe('a window', () => {
  it('of thirty days lets a deleted key be restored, in every zone', async () => {
    const early = await inEveryZone(managers, deleted, stay, restore);
    expect(early).toEqual(everywhere(409, 'REQ_TOO_EARLY_ERR'));
    const inTime = await inEveryZone(managers, deleted, () => dev.advance('29d'), restore);
    expect(inTime).toEqual(everywhere(201));
    const late = await inEveryZone(managers, deleted, () => dev.advance('31d'), restore);
    expect(late).toEqual(everywhere(400, 'KEY_RESTORE_EXPIRED'));
  });

  it('of seven days ends the authorization of a deletion, in every zone', async () => {
    const second = new Api(dev.region, dev.region.apiKey('MANAGER2'));
    const authorized = async (): Promise<string> => {
      const { id } = await first().key();
      const body = policyBody({ type: policyType, dualAuthDelete: { enabled: true } });
      await first().say('PUT', `/keys/${id}/policies`, { body });
      await act('setKeyForDeletion')(second, id);
      return id;
    };
    const remove = (by: Api, id: string): Promise<Reply> => by.say('DELETE', `/keys/${id}`);
    const late = await inEveryZone(managers, authorized, () => dev.advance('8d'), remove);
    expect(late).toEqual(everywhere(409, 'AUTHORIZATIONS_NOT_MET'));
    const inTime = await inEveryZone(managers, authorized, () => dev.advance('6d'), remove);
    expect(inTime).toEqual(everywhere(204));
    second.close();
  });

  it('ends with the expiration date: no wrap after it, in every zone, and every unwrap', async () => {
    const ciphertexts = new Map<string, string>();
    const expiring = async (): Promise<string> => {
      const expirationDate = new Date((await dev.nowMs()) + 86_400_000).toISOString();
      const { id } = await first().key({ expirationDate });
      const { body } = await first().say('POST', `/keys/${id}/actions/wrap`, { body: {} });
      ciphertexts.set(id, (body as { ciphertext: string }).ciphertext);
      return id;
    };
    const wrapped = await inEveryZone(managers, expiring, () => dev.advance('2d'), act('wrap'));
    expect(wrapped).toEqual(everywhere(409, 'KEY_ACTION_INVALID_STATE_ERR'));
    const unwrap = (by: Api, id: string): Promise<Reply> =>
      by.say('POST', `/keys/${id}/actions/unwrap`, { body: { ciphertext: ciphertexts.get(id) } });
    const opened = await inEveryZone(managers, expiring, () => dev.advance('2d'), unwrap);
    expect(opened).toEqual(everywhere(200));
  });
});

describe('scheduled work', () => {
  const dueCount = 24;

  /** Versions of each key, as every zone in `by` tells them. */
  async function versionCounts(ids: readonly string[], by: readonly Api[]): Promise<number[]> {
    const replies = await Promise.all(
      ids.map((id, at) => by[at % by.length]!.say('GET', `/keys/${id}/versions?totalCount=true`)),
    );
    return replies.map(
      ({ body }) => (body as { metadata: { totalCount: number } }).metadata.totalCount,
    );
  }

  it('rotates each due key exactly once, with a zone killed in the middle', async () => {
    const [killed = ''] = dev.region.zones.slice(1);
    const others = managers.filter((_, at) => dev.region.zones[at] !== killed);
    const body = policyBody({ type: policyType, rotation: { enabled: true, interval_month: 1 } });
    const due: string[] = [];
    const ciphertexts: string[] = [];
    for (let made = 0; made < dueCount; made += 1) {
      const { id } = await first().key();
      await first().say('PUT', `/keys/${id}/policies`, { body });
      const wrapped = await first().say('POST', `/keys/${id}/actions/wrap`, { body: {} });
      ciphertexts.push((wrapped.body as { ciphertext: string }).ciphertext);
      due.push(id);
    }
    const { id: unruled } = await first().key();
    // Due two days after the others: when it has been rotated, whoever looks for due keys has looked again.
    await dev.advance('2d');
    const { id: marker } = await first().key();
    await first().say('PUT', `/keys/${marker}/policies`, { body });
    await dev.advance('29d');
    await eventually('the first keys are rotated', 60_000, async () =>
      (await versionCounts(due, others)).some((count) => count > 1),
    );
    await dev.region.zonehold('zone', 'kill', killed);
    await eventually('every due key is rotated', 120_000, async () =>
      (await versionCounts(due, others)).every((count) => count > 1),
    );
    expect(await versionCounts([marker], others)).toEqual([1]);
    await dev.region.zonehold('zone', 'start', killed);
    await dev.region.isWhole();
    await dev.advance('2d');
    await eventually('the marker is rotated', 60_000, async () =>
      (await versionCounts([marker], managers)).every((count) => count > 1),
    );
    expect(await versionCounts(due, managers)).toEqual(due.map(() => 2));
    expect(await versionCounts([unruled], managers)).toEqual([1]);
    for (const [at, id] of due.entries()) {
      const asked = { body: { ciphertext: ciphertexts[at] } };
      const opened = await managers[at % 3]!.say('POST', `/keys/${id}/actions/unwrap`, asked);
      expect(opened).toMatchObject({ status: 200, body: { keyVersion: { id } } });
    }
  }, 240_000);

  it('purges a key ninety days after its deletion', async () => {
    // Rotated by its policy half a day before the other key is due: when it has been, whoever looks for due keys has looked.
    const { id: marker } = await first().key();
    const rotation = { enabled: true, interval_month: 3 };
    const body = policyBody({ type: policyType, rotation });
    await first().say('PUT', `/keys/${marker}/policies`, { body });
    await dev.advance('12h');
    const [gone, kept] = [await deleted(), await first().key()];
    await dev.advance('89d');
    expect(await versionCounts([marker], managers)).toEqual([1]);
    await dev.advance('13h');
    await eventually('the marker is rotated', 60_000, async () =>
      (await versionCounts([marker], managers)).every((count) => count > 1),
    );
    const early = await Promise.all(managers.map((by) => metadata(by, gone)));
    expect(early.map(({ status }) => status)).toEqual([200, 200, 200]);
    await dev.advance('1d');
    await eventually('the key is purged', 60_000, async () => {
      const replies = await Promise.all(managers.map((by) => metadata(by, gone)));
      return replies.every(({ status }) => status === 404);
    });
    expect(keyOf(await metadata(first(), kept.id))).toMatchObject({ state: 1 });
  }, 240_000);
});
