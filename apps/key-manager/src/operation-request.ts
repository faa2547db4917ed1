// Checks what a gateway sends before anything is done with it. By hand: wrap and unwrap pass here, and a schema library
// costs more than the read. Bodies and queries were parsed by the contract's own table at the edge.
import {
  isOperationName,
  type IssueTokenRequest,
  type OperationRequest,
} from '@zonehold/api-contract';
import { networks } from '@zonehold/key-domain';
import { KmsError } from '@zonehold/primitives';

/** Ids and hashes of the edge are shorter; a header's idempotency key is hashed there. */
const textMaxChars = 256;
const tokenKinds: readonly unknown[] = ['idempotency-key', 'correlation', 'none'];

type Members = Readonly<Record<string, unknown>>;

/** The request, or INVALID_ARGUMENT with the member that is wrong. */
export function checkOperationRequest(body: unknown): OperationRequest {
  const members = membersOf(body, 'body');
  const { operation, keyRef, subRef, keyRingId, ifMatch } = members;
  if (typeof operation !== 'string' || !isOperationName(operation)) throw malformed('operation');
  checkTexts(members, ['instanceId', 'operationId', 'correlationId', 'clientAddress']);
  const caller = membersOf(members['caller'], 'caller');
  checkTexts(caller, ['credentialId', 'iamId', 'accountId']);
  if (caller['service'] !== undefined) checkTexts(caller, ['service']);
  const token = membersOf(members['token'], 'token');
  checkTexts(token, ['value', 'parametersHash']);
  if (!tokenKinds.includes(token['kind'])) throw malformed('token.kind');
  if (keyRef !== undefined && typeof keyRef !== 'string') throw malformed('keyRef');
  if (subRef !== undefined && typeof subRef !== 'string') throw malformed('subRef');
  if (keyRingId !== undefined && typeof keyRingId !== 'string') throw malformed('keyRingId');
  const isNetwork = (networks as readonly unknown[]).includes(members['network'] ?? 'public');
  if (!isNetwork) throw malformed('network');
  if (ifMatch !== undefined && typeof ifMatch !== 'string') throw malformed('ifMatch');
  return body as OperationRequest;
}

/** The same for a token request. The API key may be anything: a wrong one is refused, not an error. */
export function checkIssueTokenRequest(body: unknown): IssueTokenRequest {
  const members = membersOf(body, 'body');
  if (typeof members['apiKey'] !== 'string') throw malformed('apiKey');
  checkTexts(members, ['correlationId']);
  return body as IssueTokenRequest;
}

function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null) throw malformed(name);
  return value as Members;
}

function checkTexts(members: Members, names: readonly string[]): void {
  for (const name of names) {
    const value = members[name];
    if (typeof value !== 'string' || value.length > textMaxChars) throw malformed(name);
  }
}

function malformed(name: string): KmsError {
  return new KmsError('INVALID_ARGUMENT', `${name} is missing or malformed`);
}
