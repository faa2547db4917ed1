// enable: Suspended to Active, 30 s after the last action at the earliest.
import type { OperationReply } from '@zonehold/api-contract';
import { enableKey } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §7.7). A repeat is answered as the first time and changes nothing. */
export async function enable(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const stamp = stampOf(call.request);
  const changed = await changeKey(ports, call, 'enable', (key, nowMs) =>
    enableKey(key, { stamp }, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
