// How a repeat of a changing request is recognised (architecture §4 Operations, docs/decisions/0003). Hashes only: neither
// the client's header nor its body travels in the token.
import { createHash } from 'node:crypto';
import type { RepeatToken } from '@zonehold/api-contract';

/** What a request is, for recognising it again. `correlationId` only when the client sent it. */
export interface RepeatedRequest {
  readonly credentialId: string;
  readonly instanceId: string;
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly body: Buffer;
  /** The ring that the header names. */
  readonly keyRingId: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly correlationId: string | undefined;
}

/** For operations that change nothing: no repeat needs to be known. */
export const noRepeatToken: RepeatToken = { kind: 'none', value: '', parametersHash: '' };

/** The token of a changing request: `Idempotency-Key` wins over Correlation-Id; hashes are lower-case hex. */
export function repeatTokenOf(request: RepeatedRequest): RepeatToken {
  const { method, url, body, keyRingId, idempotencyKey, correlationId } = request;
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const query = at === -1 ? '' : url.slice(at + 1);
  // A key of one ring is no repeat of a key of another. Without a ring the hashes are as they always were.
  const ring = keyRingId === undefined ? [] : [keyRingId];
  const parametersHash = hashOf([method, path, query, body, ...ring]);
  if (idempotencyKey !== undefined) {
    return { kind: 'idempotency-key', value: hashOf([idempotencyKey]), parametersHash };
  }
  if (correlationId === undefined) return { kind: 'none', value: '', parametersHash };
  const { credentialId, instanceId } = request;
  const parts = [credentialId, instanceId, method, path, query, correlationId, body, ...ring];
  const value = hashOf(parts);
  return { kind: 'correlation', value, parametersHash };
}

/** SHA-256 over parts with their lengths in front, so that no two lists of parts give the same input. */
function hashOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  const length = Buffer.alloc(4);
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    length.writeUInt32BE(bytes.byteLength);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}
