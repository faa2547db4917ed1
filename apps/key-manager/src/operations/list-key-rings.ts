// GET /key_rings: the rings of an instance, from the register that was read with the caller's right.
import {
  keyRingCollection,
  type ListKeyRingsQuery,
  type OperationReply,
} from '@zonehold/api-contract';
import type { InstanceCall, OperationPorts } from '../operation.ts';

/** 200; `default` is the first, with its id only (reference §12). */
export function listKeyRings(
  _ports: OperationPorts,
  { request, keyRings }: InstanceCall,
): Promise<OperationReply> {
  const body = keyRingCollection(keyRings, request.query as ListKeyRingsQuery);
  return Promise.resolve({ ok: true, status: 200, body });
}
