// GET /keys/{id}: as metadata, and the payload of a standard key.
import { keyCollection, keyWithPayload, type OperationReply } from '@zonehold/api-contract';
import { effectiveState, keyState } from '@zonehold/key-domain';
import { wireContext, type KeyCall, type OperationPorts } from '../operation.ts';
import { revealPayload } from '../payload.ts';
import { getKeyMetadata } from './get-key-metadata.ts';

/** 200 with exactly one key. The payload of a Destroyed key is withheld (reference §6.5). */
export async function getKey(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { key, nowMs } = call;
  if (!key.isExtractable || effectiveState(key, nowMs) === keyState.destroyed) {
    return getKeyMetadata(ports, call);
  }
  const payload = await revealPayload(ports, call, key);
  const body = keyCollection([keyWithPayload(key, wireContext(ports, call), payload)]);
  return { ok: true, status: 200, body };
}
