import { createPublicKey, verify } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IssueTokenReply, TokenClaims } from '@zonehold/api-contract';
import { Deadline } from '@zonehold/primitives';
import {
  admin,
  issuer,
  startRegion,
  type TestManager,
  type TestRegion,
} from '../testing/key-managers.ts';
import { issueToken } from './issue-token.ts';
import { verificationKeys } from './verification-keys.ts';

let test: TestRegion;

beforeEach(async () => {
  test = await startRegion();
});

const context = () => ({ deadline: Deadline.after(test.clock, 5_000), correlationId: 'test' });

function exchange(manager: TestManager, apiKey: string): Promise<IssueTokenReply> {
  return issueToken(manager.identity, { apiKey, correlationId: 'test' }, context().deadline);
}

async function tokenOf(manager: TestManager, apiKey: string): Promise<string> {
  const reply = await exchange(manager, apiKey);
  if (!reply.ok) throw new Error('no token');
  return reply.accessToken;
}

const decode = (part: string | undefined): unknown =>
  JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

describe('a token', () => {
  it('lives an hour, names who it is for, and is verified by a key that every zone publishes', async () => {
    const token = await tokenOf(test.here, test.manager.apiKey);
    const [header, payload, signature] = token.split('.');
    const claims = decode(payload) as TokenClaims;
    expect(claims).toMatchObject({
      iss: issuer,
      iam_id: test.manager.iamId,
      sub: test.manager.iamId,
      apikey_id: test.manager.credentialId,
      iat: Math.floor(test.clock.wallMs() / 1_000),
    });
    expect(claims.exp - claims.iat).toBe(3_600);
    expect(claims.account.bss).toMatch(/^[0-9a-f]{32}$/);
    const published = await verificationKeys(test.elsewhere.identity, context());
    expect(published.issuer).toBe(issuer);
    const jwk = published.keys.find(({ kid }) => kid === (decode(header) as { kid: string }).kid);
    const key = createPublicKey({ key: { ...jwk! }, format: 'jwk' });
    const isValid = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature!, 'base64url'),
    );
    expect(isValid).toBe(true);
  });

  it("says which service it is for, when its API key is a service's", async () => {
    const grants = [{ instanceId: test.instanceId, roles: ['Reader' as const] }];
    const request = { kind: 'create-api-key', name: 's', service: 'databases', grants } as const;
    const { apiKey } = await admin<'create-api-key'>(test.here, request);
    const claimsOf = async (key: string): Promise<unknown> =>
      decode((await tokenOf(test.elsewhere, key)).split('.')[1]);
    const ofService = { sub_type: 'Service', service_name: 'databases' };
    expect(await claimsOf(apiKey)).toMatchObject(ofService);
    expect(Object.keys((await claimsOf(test.manager.apiKey)) as object)).not.toContain('sub_type');
  });

  it('is refused without a reason: wrong secret, unknown key, nonsense, and a revoked key', async () => {
    const { apiKey, credentialId } = test.manager;
    const wrong = `${credentialId}.${'A'.repeat(43)}`;
    const unknown = apiKey.replace(credentialId, 'ApiKey-unknown');
    for (const text of [
      wrong,
      unknown,
      '',
      '.',
      `${apiKey}x`,
      credentialId,
      `../x.${'A'.repeat(43)}`,
    ]) {
      expect(await exchange(test.here, text), text).toEqual({ ok: false });
    }
    await admin<'revoke-api-key'>(test.here, { kind: 'revoke-api-key', credentialId });
    expect(await exchange(test.elsewhere, apiKey)).toEqual({ ok: false });
  });
});

describe('the signing keys', () => {
  it('are one pair for the region, whoever asks first', async () => {
    const replies = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        verificationKeys((at % 2 === 0 ? test.here : test.elsewhere).identity, context()),
      ),
    );
    const sets = new Set(replies.map(({ keys }) => keys.map(({ kid }) => kid).join()));
    expect(sets.size).toBe(1);
    expect(replies[0]?.keys).toHaveLength(2);
  });

  it('publish nothing private', async () => {
    const { keys } = await verificationKeys(test.here.identity, context());
    for (const key of keys) {
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    }
  });
});
