// Rights given and taken through the CLI, and the life of an instance: what the command's return promises holds in every zone, for
// tokens that live as well.
import { beforeAll, describe, expect, it } from 'vitest';
import { Api, codeOf, keyOf, type Reply } from './contract/api.ts';
import { attachRegion } from './region.ts';

const region = attachRegion();
const manager = new Api(region, region.apiKey('MANAGER'));
let elsewhereId: string;
/** Has a role in another instance only, until a test gives more. */
let guest: { readonly id: string; readonly inZones: readonly Api[] };

async function newInstance(name: string): Promise<string> {
  const made = await region.zonehold('instance', 'create', '--name', name, '--json');
  return (JSON.parse(made) as { instanceId: string }).instanceId;
}

async function newApiKey(instanceId: string): Promise<{ credentialId: string; apiKey: string }> {
  const options = ['--role', 'Manager', '--instance', instanceId, '--json'];
  const made = await region.zonehold('apikey', 'create', ...options);
  return JSON.parse(made) as { credentialId: string; apiKey: string };
}

function inZones(apiKey: string, instanceId = region.instanceId): Api[] {
  return region.zones.map(
    (zone) => new Api(region, apiKey, { instanceId, url: region.zoneUrl(zone) }),
  );
}

beforeAll(async () => {
  elsewhereId = await newInstance('elsewhere');
  const { credentialId, apiKey } = await newApiKey(elsewhereId);
  guest = { id: credentialId, inZones: inZones(apiKey) };
});

const grant = (verb: 'add' | 'remove', ...where: string[]): Promise<string> =>
  region.zonehold('grant', verb, '--api-key', guest.id, '--instance', region.instanceId, ...where);

/** What each zone answers. */
async function statuses(ask: (by: Api) => Promise<Reply>, by = guest.inZones): Promise<number[]> {
  return (await Promise.all(by.map(ask))).map(({ status }) => status);
}

const wrapWith = (id: string) => (by: Api) =>
  by.say('POST', `/keys/${id}/actions/wrap`, { body: {} });
const listed = (by: Api): Promise<Reply> => by.say('GET', '/keys?limit=5000');

describe('a grant', () => {
  it('on one key opens that key, in every zone, and no list', async () => {
    const [granted, other] = [await manager.key(), await manager.key()];
    expect(await statuses(wrapWith(granted.id))).toEqual([401, 401, 401]);
    await grant('add', '--key', granted.id, '--role', 'Reader');
    expect(await statuses(wrapWith(granted.id))).toEqual([200, 200, 200]);
    expect(await statuses(wrapWith(other.id))).toEqual([401, 401, 401]);
    expect(await statuses(listed)).toEqual([401, 401, 401]);
    await grant('remove', '--key', granted.id);
    expect(await statuses(wrapWith(granted.id))).toEqual([401, 401, 401]);
  });

  it('on one ring shows and counts the keys in it, and nothing else', async () => {
    const ring = await manager.ring();
    const headers = { 'x-kms-key-ring': ring };
    const body = {
      metadata: { collectionTotal: 1 },
      resources: [{ name: 'in the ring', extractable: false }],
    };
    const { id } = keyOf(await manager.say('POST', '/keys', { body, headers }));
    await grant('add', '--ring', ring, '--role', 'Reader');
    for (const by of guest.inZones) {
      expect(keyOf(await listed(by)).id).toBe(id);
      expect((await by.say('HEAD', '/keys')).headers['key-total']).toBe('1');
    }
    expect(await statuses(wrapWith(id))).toEqual([200, 200, 200]);
    await grant('remove', '--ring', ring);
    expect(await statuses(wrapWith(id))).toEqual([401, 401, 401]);
  });

  it('in an account holds in the instances that come later', async () => {
    const accountId = 'a'.repeat(32);
    const { credentialId, apiKey } = await newApiKey(elsewhereId);
    const options = ['--api-key', credentialId, '--account', accountId];
    await region.zonehold('grant', 'add', ...options, '--role', 'Reader');
    const made = await region.zonehold(
      ...['instance', 'create', '--name', 'later', '--account', accountId, '--json'],
    );
    const { instanceId } = JSON.parse(made) as { instanceId: string };
    const clients = inZones(apiKey, instanceId);
    expect(await statuses(listed, clients)).toEqual([200, 200, 200]);
    await region.zonehold('apikey', 'revoke', credentialId);
    expect(await statuses(listed, clients)).toEqual([401, 401, 401]);
  });
});

describe('an instance', () => {
  it('is suspended, resumed, and deleted for ever, in every zone', async () => {
    const instanceId = await newInstance('short-lived');
    const { apiKey } = await newApiKey(instanceId);
    const clients = inZones(apiKey, instanceId);
    const [first] = clients as [Api];
    const { id } = await first.key();
    await region.zonehold('instance', 'suspend', instanceId);
    const suspended = await Promise.all(clients.map(wrapWith(id)));
    expect(suspended.map(codeOf)).toEqual(clients.map(() => 'INSTANCE_SUSPENDED_ERR'));
    await region.zonehold('instance', 'resume', instanceId);
    expect(await statuses(wrapWith(id), clients)).toEqual([200, 200, 200]);
    const remove = ['instance', 'delete', instanceId, '--name', 'short-lived', '--yes'];
    expect((await region.files.zonehold(...remove, '--with-keys')).stderr).toMatch(/suspend/i);
    await region.zonehold('instance', 'suspend', instanceId);
    expect((await region.files.zonehold(...remove)).code).not.toBe(0);
    await region.zonehold(...remove, '--with-keys');
    expect(await statuses(wrapWith(id), clients)).toEqual([401, 401, 401]);
    expect((await region.files.zonehold('instance', 'resume', instanceId)).code).not.toBe(0);
  });
});
