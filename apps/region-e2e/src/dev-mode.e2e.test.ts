// A development region as a developer has it: one command, known keys, a clock to move, trouble to inject.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { BearerTokenAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js';
import KeyProtectV2 from '@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js';
import { startRegion, type RunningRegion } from '@zonehold/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { attachRegion, TestRegion } from './region.ts';
import { describeRefusal, refusalOf } from './sdk.ts';

/** Of docker/dev-seed.yaml. */
const instanceId = 'd0000000-0000-4000-8000-000000000001';
const rootKeyId = 'd0000000-0000-4000-8000-0000000000a1';
const suspendedKeyId = 'd0000000-0000-4000-8000-0000000000a3';
/** Wrapped by another development region, which was planted with the same seed. */
const known = {
  ciphertext:
    'ASVWqSm6u/PrvVDLB8Eq9odCMRH3uQtz/TI6m93SSg7zEgmMzB61WYkWB6TiAOXB9KkuLincVFDWI2liH8w/sxCFOq2ZUgQsKPYqXOuEbtGROsY6cQ==',
  plaintext: 'bm90IGEgc2VjcmV0',
};

let running: RunningRegion;
let region: TestRegion;
let agent: Agent;
let token: string;

beforeAll(async () => {
  running = await startRegion({ launchOptions: ['--dev'] });
  region = new TestRegion(running);
  agent = new Agent({ keepAlive: true, ca: readFileSync(join(region.regionDir, 'pki', 'ca.crt')) });
  token = await region.bearerToken('MANAGER');
});
afterAll(async () => {
  agent.destroy();
  await running.stop();
});

/** The SDK with the token that was got before the clock moved, at the regional endpoint or at one zone's. */
function sdk(serviceUrl = region.url): KeyProtectV2 {
  const authenticator = new BearerTokenAuthenticator({ bearerToken: token });
  return new KeyProtectV2({ authenticator, serviceUrl, httpsAgent: agent });
}

const on = (id: string) => ({ bluemixInstance: instanceId, id });
const body = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const unwrapKnown = (client: KeyProtectV2) =>
  client.unwrapKey({
    ...on(rootKeyId),
    keyActionUnwrapBody: body({ ciphertext: known.ciphertext }),
  });

interface SdkError {
  readonly status: number;
  readonly headers: Record<string, string>;
}

/** What the SDK throws; the call must fail. */
async function rejectionOf(call: Promise<unknown>): Promise<SdkError> {
  try {
    await call;
  } catch (error) {
    return error as SdkError;
  }
  throw new Error('the call was expected to be refused, but it succeeded');
}

async function createKey(): Promise<string> {
  const type = 'application/vnd.ibm.kms.key+json';
  const resource = { type, name: 'made here', extractable: false };
  const metadata = { collectionType: type, collectionTotal: 1 };
  const made = await sdk().createKey({
    bluemixInstance: instanceId,
    body: body({ metadata, resources: [resource] }),
  });
  return (made.result as { resources: { id: string }[] }).resources[0]?.id ?? '';
}

interface ClockReply {
  readonly clockOffsetMs: number;
  readonly keyTime: string;
  readonly zones: readonly { readonly zone: string; readonly state: string }[];
}
const clock = async (...words: string[]): Promise<ClockReply> =>
  JSON.parse(await region.zonehold('clock', ...words, '--json')) as ClockReply;

describe('a development region', () => {
  it('has the keys of its seed: what another region wrapped with them is unwrapped here', async () => {
    expect(region.instanceId).toBe(instanceId);
    expect(region.apiKey('MANAGER')).toMatch(/^ApiKey-dev-manager\.development-only-/);
    const opened = await unwrapKnown(sdk());
    expect(opened.result.plaintext).toBe(known.plaintext);
  });

  it('says in every answer what it is', async () => {
    const opened = await unwrapKnown(sdk());
    expect(new Headers(opened.headers as Record<string, string>).get('zonehold-mode')).toBe('dev');
    const refused = await rejectionOf(sdk().getKey(on(instanceId)));
    expect(refused.status).toBe(404);
    expect(new Headers(refused.headers).get('zonehold-mode')).toBe('dev');
  });

  it('is not started without --dev, nor another region with it, and nothing of either changes', async () => {
    const recordBefore = readFileSync(join(region.regionDir, 'region.json'), 'utf8');
    const withoutDev = await running.launch();
    expect(withoutDev.code).toBe(1);
    expect(withoutDev.stderr).toContain('is a development region');
    const real = attachRegion();
    const withDev = await real.files.launch('--dev');
    expect(withDev.code).toBe(1);
    expect(withDev.stderr).toContain('was made without --dev');
    expect(readFileSync(join(region.regionDir, 'region.json'), 'utf8')).toBe(recordBefore);
    expect(readFileSync(join(real.regionDir, 'region.json'), 'utf8')).not.toContain('"mode"');
    for (const { address } of real.opsAddresses()) {
      expect((await fetch(`http://${address}/dev`)).status).toBe(404);
    }
    expect((await fetch(`${real.url}/livez`)).headers.get('zonehold-mode')).toBeNull();
    const told = await real.files.zonehold('clock', 'advance', '31d');
    expect(told.code).toBe(1);
    expect(told.stderr).toContain('This is no development region');
  });

  it('was started without faults: refuses to make any, and shows nothing of them', async () => {
    for (const words of [['add', '--reset'], ['list'], ['clear', '--all']]) {
      const { code, stderr } = await running.zonehold('fault', ...words);
      expect(code).toBe(1);
      expect(stderr).toContain('npm start -- --faults');
    }
    const { address } = region.opsAddresses()[0] ?? { address: '' };
    expect((await fetch(`http://${address}/faults`)).status).toBe(404);
    expect(await region.zonehold('status')).not.toContain('ault');
  });
});

describe("the keys' time", () => {
  it('passes every wait in every zone at once, while tokens live on', async () => {
    const made = await Promise.all(region.zones.map(() => createKey()));
    await Promise.all(made.map((id) => sdk().disableKey(on(id))));
    const deleted = await createKey();
    await sdk().deleteKey(on(deleted));
    for (const [index, zone] of region.zones.entries()) {
      const early = await refusalOf(sdk(region.zoneUrl(zone)).enableKey(on(made[index] ?? '')));
      expect(early.code).toBe('REQ_TOO_EARLY_ERR');
    }
    const moved = await clock('advance', '31d');
    expect(moved.clockOffsetMs).toBe(31 * 86_400_000);
    expect(moved.zones.map(({ state }) => state)).toEqual(['knows', 'knows', 'knows']);
    for (const [index, zone] of region.zones.entries()) {
      const client = sdk(region.zoneUrl(zone));
      expect((await client.enableKey(on(made[index] ?? ''))).status).toBe(204);
      // The SDK hides the code of this one in a stream; a restore that comes too early has 409.
      expect((await refusalOf(client.restoreKey(on(deleted)))).status).toBe(400);
    }
    const metadata = await sdk().getKeyMetadata(on(made[0] ?? ''));
    const [key] = (metadata.result as { resources: { lastUpdateDate: string }[] }).resources;
    const aheadMs = Date.parse(key?.lastUpdateDate ?? '') - Date.now();
    expect(aheadMs).toBeGreaterThan(30 * 86_400_000);
  });

  it('never goes back, and is shown by status', async () => {
    const before = await clock('show');
    const back = await running.zonehold('clock', 'set', '2001-01-01T00:00:00Z');
    expect(back.code).toBe(1);
    expect(back.stderr).toContain('never goes back');
    expect((await clock('show')).clockOffsetMs).toBe(before.clockOffsetMs);
    expect(await region.zonehold('status')).toContain("The keys' time is 31d ahead.");
  });

  it('reaches a zone that was away, and a zone that starts again', async () => {
    const [, zone = ''] = region.zones;
    await region.zonehold('zone', 'kill', zone, '--service', 'key-manager');
    const moved = await clock('advance', '1h');
    expect(moved.zones.map(({ state }) => state)).toEqual(['knows', 'away', 'knows']);
    await region.zonehold('zone', 'start', zone, '--service', 'key-manager');
    await eventually('the zone knows the time', 30_000, async () => {
      const { zones } = await clock('show');
      return zones.every(({ state }) => state === 'knows');
    });
    await region.isWhole();
  });
});

describe('injected trouble', () => {
  const inject = (...words: string[]) => region.zonehold('inject', 'add', ...words, '--json');
  /** Unwraps that gateways have answered. */
  const unwraps = (): number =>
    region.logLines('gateway').filter((line) => line.includes('actions/unwrap')).length;

  it.each([
    ['429', 'TOO_MANY_REQUESTS_ERR'],
    ['503', 'SERVICE_UNAVAILABLE_ERR'],
  ])('%s is what the SDK sees, with a time to come back', async (status, code) => {
    await inject('--route', 'unwrapKey', '--status', status);
    const error = await rejectionOf(unwrapKnown(sdk()));
    expect(describeRefusal(error)).toMatchObject({ status: Number(status), code, retryAfter: '1' });
    expect(new Headers(error.headers).get('zonehold-injected')).toMatch(/^\d+$/);
    expect(await region.zonehold('status')).toContain(`Injected into unwrapKey: ${status}`);
    const list = await region.zonehold('inject', 'list');
    expect(list).toContain('unwrapKey');
    await region.zonehold('inject', 'clear');
    expect((await unwrapKnown(sdk())).result.plaintext).toBe(known.plaintext);
  });

  it('is overcome by an SDK that retries, once it is over', async () => {
    await inject('--route', 'unwrapKey', '--status', '503', '--for', '3s');
    const client = sdk();
    client.enableRetries({ maxRetries: 8, maxRetryInterval: 2 });
    const before = unwraps();
    expect((await unwrapKnown(client)).result.plaintext).toBe(known.plaintext);
    await eventually('it was tried more than once', 5_000, async () => unwraps() > before + 1);
  });

  it('strikes one operation only; a suspended key of the seed says what it always says', async () => {
    await inject('--route', 'wrapKey', '--status', '500', '--latency', '50ms');
    const refused = await refusalOf(
      sdk().unwrapKey({
        ...on(suspendedKeyId),
        keyActionUnwrapBody: body({ ciphertext: known.ciphertext }),
      }),
    );
    expect(refused.code).toBe('KEY_ACTION_INVALID_STATE_ERR');
    await region.zonehold('inject', 'clear');
  });
});

describe('a second start', () => {
  it("plants nothing anew, and the keys' time goes on from where it was", async () => {
    const before = await clock('show');
    await region.zonehold('stop');
    const started = await running.launch('--dev');
    expect({ code: started.code, stderr: started.stderr }).toMatchObject({ code: 0 });
    expect(started.stderr).toContain('DEVELOPMENT MODE');
    expect(started.stdout).not.toContain('planted');
    expect(started.stdout).toContain(rootKeyId);
    expect((await clock('show')).clockOffsetMs).toBe(before.clockOffsetMs);
    expect((await unwrapKnown(sdk())).result.plaintext).toBe(known.plaintext);
  });
});
