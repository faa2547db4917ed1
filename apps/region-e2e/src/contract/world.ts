// Who takes part in the contract's tests, and what they often need first.
import { randomUUID } from 'node:crypto';
import type { Api } from './api.ts';
import { policyBody, type Reply } from './api.ts';

/** Everybody in one instance of a region whose clock can be moved. */
export interface World {
  readonly manager: Api;
  /** Another manager: the second of two persons. */
  readonly second: Api;
  readonly reader: Api;
  readonly purger: Api;
  /** A service identity, the owner of what `crn` names. */
  readonly service: Api;
  /** Another service. */
  readonly otherService: Api;
  /** A manager of an instance of its own, for policies that would be in the way of others. */
  readonly neighbour: Api;
  /** The name of a resource of `service`, a new one each time. */
  readonly crn: () => string;
  /** Moves the clock of the keys, in all zones: `31s`, `4h`, `31d`. */
  readonly advance: (by: string) => Promise<void>;
  /** What that clock says: milliseconds since the Unix epoch. */
  readonly nowMs: () => Promise<number>;
}

/** What `reads` well in a list of tests, and what the contract answers. */
export interface Row {
  /** The operation as the SDKs name it, or the reason code. */
  readonly name: string;
  /** Completes the sentence that begins with `name`. */
  readonly says: string;
  readonly run: (world: World) => Promise<Reply>;
  readonly status: number;
  /** Matched against the body. Undefined: the answer has none. */
  readonly body?: unknown;
}

/** What the tests wrap. */
export const dek = Buffer.alloc(32, 7).toString('base64');

/** A key with a wrapped `dek`. */
export async function wrappedDek(by: Api): Promise<{ id: string; ciphertext: string }> {
  const { id } = await by.key();
  const reply = await by.say('POST', `/keys/${id}/actions/wrap`, { body: { plaintext: dek } });
  return { id, ciphertext: (reply.body as { ciphertext: string }).ciphertext };
}

/** The id of a key that was deleted just now. */
export async function deletedKey(by: Api): Promise<string> {
  const { id } = await by.key();
  await by.say('DELETE', `/keys/${id}`);
  return id;
}

/** The id of a key that was disabled just now. */
export async function disabledKey(by: Api): Promise<string> {
  const { id } = await by.key();
  await by.say('POST', `/keys/${id}/actions/disable`);
  return id;
}

/** The id of a key that one person cannot delete. */
export async function guardedKey(by: Api): Promise<string> {
  const { id } = await by.key();
  const body = policyBody({
    type: 'application/vnd.ibm.kms.policy+json',
    dualAuthDelete: { enabled: true },
  });
  await by.say('PUT', `/keys/${id}/policies`, { body });
  return id;
}

/** Where the registration of `crn` with a key is. */
export function registrationPath(keyId: string, crn: string): string {
  return `/keys/${keyId}/registrations/${encodeURIComponent(crn)}`;
}

/** A key that protects a resource. */
export async function registeredKey(
  { manager, service, crn }: World,
  preventKeyDeletion = false,
): Promise<{ id: string; crn: string }> {
  const [{ id }, resource] = [await manager.key(), crn()];
  const body = { preventKeyDeletion, description: 'a bucket' };
  const made = await service.say('POST', registrationPath(id, resource), { body });
  if (made.status !== 201) throw new Error(`not registered: ${JSON.stringify(made.body)}`);
  return { id, crn: resource };
}

/** A name that nothing else has. */
export const unique = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
