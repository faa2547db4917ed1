// disable: Active to Suspended. From the moment this is answered no zone wraps or unwraps with the key (promise P2).
import type { OperationReply } from '@zonehold/api-contract';
import { disableKey } from '@zonehold/key-domain';
import { changeKey } from '../key-change.ts';
import { noContent, refuse, stampOf, type KeyCall, type OperationPorts } from '../operation.ts';

/** 204 (reference §7.7). A repeat is answered as the first time and changes nothing. */
export async function disable(ports: OperationPorts, call: KeyCall): Promise<OperationReply> {
  const stamp = stampOf(call.request);
  const changed = await changeKey(ports, call, 'disable', (key, nowMs) =>
    disableKey(key, { stamp }, nowMs),
  );
  return changed.ok ? noContent : refuse(changed.refusal);
}
