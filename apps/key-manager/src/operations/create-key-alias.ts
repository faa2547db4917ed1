// POST /keys/id/aliases/alias: first the alias is claimed for the key, then the key comes to list it (key-domain's aliases.ts).
// A crash in between leaves a claim that is worth nothing; a repeat goes on from it.
import { aliasCollection, type ApiRefusal, type OperationReply } from '@zonehold/api-contract';
import { addAlias, nextAliasSerial, type Key, type KeyRecord } from '@zonehold/key-domain';
import { decideChange, unlessStale, type ChangeResult } from '../key-change.ts';
import { livingKey, type KeyDecision } from '../key-repository.ts';
import { refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** Each means that the key got, or was kept from, another alias meanwhile. */
const attemptsMax = 8;

/** 201 with the alias (reference §13); the same again for a repeat. */
export async function createKeyAlias(
  ports: OperationPorts,
  call: KeyCall,
): Promise<OperationReply> {
  const { request, key } = call;
  const made = await make(ports, call);
  if (!made.ok) return refuse(made.refusal);
  const body = aliasCollection({
    keyId: key.id,
    alias: request.subRef ?? '',
    createdBy: request.caller.iamId,
    createdAtMs: made.atMs,
  });
  return { ok: true, status: 201, body };
}

async function make(ports: OperationPorts, call: KeyCall): Promise<ChangeResult> {
  const { request, deadline, nowMs } = call;
  const { instanceId, id: keyId } = call.key;
  const alias = request.subRef ?? '';
  let record: KeyRecord | undefined = call.key;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const expected = decide(call, record);
    if (expected.kind === 'keep') return expected.result;
    const serial = nextAliasSerial(livingKey(record));
    const wanted = { instanceId, alias, claim: { keyId, serial }, nowMs };
    const claimed = await ports.aliases.claim(wanted, deadline);
    if (claimed === 'taken') return refusedFor({ code: 'KEY_ALIAS_NOT_UNIQUE_ERR' });
    if (claimed === 'claimed') {
      const result = await ports.keys.change(
        instanceId,
        keyId,
        (current) =>
          unlessStale(decide(call, current), nextAliasSerial(livingKey(current)) !== serial),
        deadline,
      );
      if (result !== 'stale') return result;
    }
    [record] = await ports.keys.read(instanceId, [keyId], deadline);
  }
  return refusedFor({ code: 'CONTENTION_ERR' });
}

/** Pure. */
function decide(call: KeyCall, current: KeyRecord | undefined): KeyDecision<ChangeResult> {
  const input = { stamp: stampOf(call.request), alias: call.request.subRef ?? '' };
  const transition = (key: Key, nowMs: number) => addAlias(key, input, nowMs);
  return decideChange(call, 'create-alias', transition, current);
}

function refusedFor(refusal: ApiRefusal): ChangeResult {
  return { ok: false, refusal };
}
