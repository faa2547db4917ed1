// sync: that services with registrations should hear of the key's state again. There is nobody here who tells them: what is done is
// that the wish is on record, and refused within the hour (docs/registrations.md).
import type { OperationReply } from '@zonehold/api-contract';
import { syncKey } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §7.9). A repeat is answered as the first time and changes nothing. */
export async function sync(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const stamp = stampOf(call.request);
  const changed = await changeKey(ports, call, 'sync', (key, nowMs) =>
    syncKey(key, { stamp }, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
