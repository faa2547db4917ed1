// The one way an instance's key rings are changed: repeat and transition are decided inside the register's change function.
// An earlier read only saves rounds.
import type { ApiRefusal, OperationReply } from '@zonehold/api-contract';
import {
  recogniseRepeat,
  type KeyRingChange,
  type KeyRings,
  type KeyRingTransition,
} from '@zonehold/key-domain';
import type { KeyRingDecision } from './key-ring-repository.ts';
import { refuse, stampOf, type InstanceCall, type OperationPorts } from './operation.ts';

export interface WantedRings {
  readonly action: KeyRingChange;
  /** The next rings, or why not. Pure. */
  readonly transition: (rings: KeyRings) => KeyRingTransition;
  /** The answer of this request and of its repeats. */
  readonly done: OperationReply;
  /** Asked once the change would be made, before its round: what other registers have against it. */
  readonly refuseBefore?: () => Promise<ApiRefusal | undefined>;
}

/** Decides on the rings that were read, and if they would change, in a Paxos round on those that are. */
export async function changeKeyRings(
  ports: OperationPorts,
  call: InstanceCall,
  wanted: WantedRings,
): Promise<OperationReply> {
  const expected = decide(call, wanted, call.keyRings);
  if (expected.kind === 'keep') return expected.result;
  const refusal = await wanted.refuseBefore?.();
  if (refusal !== undefined) return refuse(refusal);
  const { instance, deadline } = call;
  return ports.keyRings.change(
    instance.instanceId,
    (rings) => decide(call, wanted, rings),
    deadline,
  );
}

/** Pure. */
function decide(
  { request, nowMs }: InstanceCall,
  { action, transition, done }: WantedRings,
  rings: KeyRings,
): KeyRingDecision<OperationReply> {
  const repeat = recogniseRepeat(rings, stampOf(request), action, nowMs);
  if (repeat.kind === 'mismatch') {
    return { kind: 'keep', result: refuse({ code: 'IDEMPOTENCY_MISMATCH_ERR' }) };
  }
  if (repeat.kind === 'replay') return { kind: 'keep', result: done };
  const next = transition(rings);
  return next.ok
    ? { kind: 'write', record: next.rings, result: done }
    : { kind: 'keep', result: refuse(next.refusal) };
}
