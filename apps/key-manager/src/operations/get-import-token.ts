// GET /import_token: one retrieval less, and what the token is made of. Counted in the round: no two requests get the same one, and
// a repeat gets its own again.
import { retrievedImportToken, type OperationReply } from '@zonehold/api-contract';
import {
  recogniseImportTokenRepeat,
  retrieveImportToken,
  type ImportTokenRecord,
  type ImportTokenView,
} from '@zonehold/key-domain';
import { refuse, stampOf, type InstanceCall, type OperationPorts } from '../operation.ts';

/** 200 with key and nonce; `remainingRetrievals` is what is left after this one (reference §10.2). */
export function getImportToken(
  ports: OperationPorts,
  { request, instance, deadline, nowMs }: InstanceCall,
): Promise<OperationReply> {
  const stamp = stampOf(request);
  return ports.importTokens.change<OperationReply>(
    instance.instanceId,
    (current) => {
      const repeat = recogniseImportTokenRepeat(current, stamp, 'retrieve-import-token', nowMs);
      if (repeat.kind === 'mismatch') {
        return { kind: 'keep', result: refuse({ code: 'IDEMPOTENCY_MISMATCH_ERR' }) };
      }
      if (repeat.kind === 'replay' && current !== undefined) {
        return { kind: 'keep', result: answer(repeat.shown, current) };
      }
      const next = retrieveImportToken(current, stamp, nowMs);
      if (!next.ok) return { kind: 'keep', result: refuse(next.refusal) };
      const { record } = next;
      return { kind: 'write', record, result: answer(record.token, record) };
    },
    deadline,
  );
}

function answer(view: ImportTokenView, { token }: ImportTokenRecord): OperationReply {
  return { ok: true, status: 200, body: retrievedImportToken(view, token) };
}
