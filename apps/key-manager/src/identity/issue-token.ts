// Exchanges an API key for a bearer token. The token says who somebody is, never what they may do: that is read with each
// operation. It cannot be taken back, and need not be.
import {
  serviceSubject,
  type IssueTokenReply,
  type IssueTokenRequest,
  type TokenClaims,
} from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import type { Clock, Deadline } from '@zonehold/primitives';
import type { CryptoClient } from '../crypto-client.ts';
import { apiKeyRegister, decodeApiKey, type ApiKey } from './api-key-repository.ts';
import { isSecret, parseApiKey } from './secret.ts';
import { createSigningKeys, decodeSigningKeys, signingKeysRegister } from './signing-keys.ts';

export interface IdentityPorts {
  readonly store: RegisterStore;
  readonly crypto: CryptoClient;
  readonly clock: Clock;
  /** The `iss` claim. */
  readonly issuer: string;
}

/** Reference §2.2: production tokens live an hour. */
export const tokenLifetimeS = 3_600;

const refused: IssueTokenReply = { ok: false };
/** Compared with when there is no such key, so that its absence takes as long as a wrong secret. */
const nobodysSha256 = '0'.repeat(64);

/** A signed token, or `ok: false` without a reason: malformed, unknown, wrong and revoked look the same. */
export async function issueToken(
  ports: IdentityPorts,
  request: IssueTokenRequest,
  deadline: Deadline,
): Promise<IssueTokenReply> {
  const parsed = parseApiKey(request.apiKey);
  if (parsed === undefined) return refused;
  const [keyState, signingState] = await ports.store.read(
    [apiKeyRegister(parsed.credentialId), signingKeysRegister],
    deadline,
  );
  const apiKey = decodeApiKey(keyState);
  const isRight = isSecret(parsed.secret, apiKey?.secretSha256 ?? nobodysSha256);
  if (apiKey === undefined || !isRight || apiKey.isRevoked) return refused;
  const context = { deadline, correlationId: request.correlationId };
  const { active } = decodeSigningKeys(signingState) ?? (await createSigningKeys(ports, context));
  const issuedAtS = Math.floor(ports.clock.wallMs() / 1_000);
  const claims = claimsOf(apiKey, ports.issuer, issuedAtS);
  const { kid, sealedPrivateKey } = active;
  const { token } = await ports.crypto.signToken(
    { kid, sealedPrivateKey, claims: { ...claims } },
    context,
  );
  return { ok: true, accessToken: token, issuedAtS, expiresAtS: claims.exp };
}

function claimsOf(apiKey: ApiKey, issuer: string, issuedAtS: number): TokenClaims {
  return {
    iss: issuer,
    iam_id: apiKey.iamId,
    sub: apiKey.iamId,
    account: { bss: apiKey.accountId },
    apikey_id: apiKey.credentialId,
    ...(apiKey.service === undefined
      ? {}
      : { sub_type: serviceSubject, service_name: apiKey.service }),
    iat: issuedAtS,
    exp: issuedAtS + tokenLifetimeS,
  };
}
