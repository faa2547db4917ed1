// POST /import_token: a new token in place of the one there is. What it is made of is made before the round, and only for a request
// that is no repeat.
import { importToken, type OperationReply, type PostImportTokenBody } from '@zonehold/api-contract';
import {
  createImportToken,
  recogniseImportTokenRepeat,
  refuseHastyImportToken,
  type ImportTokenRecord,
  type ImportTokenRepeat,
} from '@zonehold/key-domain';
import { randomUuid } from '../key-id.ts';
import { refuse, stampOf, type InstanceCall, type OperationPorts } from '../operation.ts';

/** 200 with what it may be used for (reference §10.1); a repeat is told of the token that the first request made. */
export async function postImportToken(
  ports: OperationPorts,
  call: InstanceCall,
): Promise<OperationReply> {
  const { request, instance, deadline, nowMs } = call;
  const { instanceId, sealedInstanceKey } = instance;
  const stamp = stampOf(request);
  const repeatIn = (record: ImportTokenRecord | undefined): ImportTokenRepeat =>
    recogniseImportTokenRepeat(record, stamp, 'create-import-token', nowMs);
  const before = await ports.importTokens.read(instanceId, deadline);
  const known = answerOf(repeatIn(before));
  if (known !== undefined) return known;
  const hasty = refuseHastyImportToken(before, nowMs);
  if (hasty !== undefined) return refuse(hasty);
  const tokenId = randomUuid(ports.random);
  const made = await ports.crypto.createImportToken(
    { sealedInstanceKey, binding: { instanceId, tokenId } },
    { deadline, correlationId: request.correlationId },
  );
  const input = { ...(request.body as PostImportTokenBody), ...made, tokenId, stamp };
  return ports.importTokens.change<OperationReply>(
    instanceId,
    (current) => {
      const repeated = answerOf(repeatIn(current));
      if (repeated !== undefined) return { kind: 'keep', result: repeated };
      const record = createImportToken(current, input, nowMs);
      return { kind: 'write', record, result: answer(record.token) };
    },
    deadline,
  );
}

/** The answer to a repeat; undefined for a new request. */
function answerOf(repeat: ImportTokenRepeat): OperationReply | undefined {
  if (repeat.kind === 'mismatch') return refuse({ code: 'IDEMPOTENCY_MISMATCH_ERR' });
  return repeat.kind === 'replay' ? answer(repeat.shown) : undefined;
}

function answer(view: Parameters<typeof importToken>[0]): OperationReply {
  return { ok: true, status: 200, body: importToken(view) };
}
