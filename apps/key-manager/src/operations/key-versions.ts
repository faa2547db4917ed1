// GET /keys/{id}/versions: ids and dates of a root key's versions, newest first.
import {
  versionCollection,
  type ListVersionsQuery,
  type OperationReply,
} from '@zonehold/api-contract';
import { refuseAction } from '@zonehold/key-domain';
import { refuse, type KeyCall, type OperationPorts } from '../operation.ts';

/** 200 with one page (reference §6.10); 409 for a key that is not Active, unless all states were asked for. */
export async function keyVersions(_ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const { request, key, nowMs } = call;
  const { limit, offset, isTotalWanted, isAnyStateAllowed } = request.query as ListVersionsQuery;
  const action = isAnyStateAllowed ? 'versionsInAllStates' : 'versions';
  const refusal = refuseAction(key, action, nowMs);
  if (refusal !== undefined) return refuse(refusal);
  const page = key.versions.slice(offset, offset + limit);
  const body = versionCollection(page, isTotalWanted ? key.versions.length : undefined);
  return { ok: true, status: 200, body };
}
