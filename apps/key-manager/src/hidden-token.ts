// Repeat tokens are stored with the key they made or changed. They are hashes of the request, and a request may carry a short
// secret (the payload of a standard key): whoever has a disk must not be able to guess it against a plain hash.
import { createHmac, type KeyObject } from 'node:crypto';
import type { OperationRequest } from '@zonehold/api-contract';

/** The request with its token's texts replaced by their HMAC-SHA-256 under the region's id key. Equal tokens stay equal. */
export function withHiddenToken(idKey: KeyObject, request: OperationRequest): OperationRequest {
  const { kind, value, parametersHash } = request.token;
  const token = {
    kind,
    value: hidden(idKey, 'token', value),
    parametersHash: hidden(idKey, 'parameters', parametersHash),
  };
  return { ...request, token };
}

function hidden(idKey: KeyObject, purpose: string, text: string): string {
  return createHmac('sha256', idKey).update(`${purpose}\0${text}`).digest('hex');
}
