// Makes one change of one key that is due. What is due and whether it still is, the key's record says (key-domain); here is only
// what that needs: fresh material for a rotation, an erasure on record before a purge (docs/erasure.md).
import {
  applyDue,
  isUndated,
  nextDue,
  summaryOf,
  type DueChange,
  type DueKind,
  type DueOutcome,
  type FreshVersion,
  type Key,
  type KeySummary,
} from '@zonehold/key-domain';
import { Deadline, isKmsError, type KmsErrorCode } from '@zonehold/primitives';
import { instanceRegister, type Instance } from '../instance-repository.ts';
import { randomUuid } from '../key-id.ts';
import { keyRegister, livingKey, type KeyDecision } from '../key-repository.ts';
import type { SchedulePorts } from './ports.ts';

/** `date`: the key is written once more as it is, so that its line in the list gets the date of its next rotation. */
export type ScheduledKind = DueKind | 'date';

/** What a list says is due. `dueAtMs` may be long past, and wrong. */
export interface FoundDue {
  readonly instanceId: string;
  readonly keyId: string;
  readonly kind: ScheduledKind;
  readonly dueAtMs: number;
}

/**
 * `overtaken`: another has done it, or the key has changed since. `refused`: the key's own state forbids it, or its record is
 * broken. `failed`: the region cannot do such work now.
 */
export type CarriedOut = 'done' | 'overtaken' | 'refused' | 'failed';

/** All of it. A request has 5 s, and an intent to purge counts on nobody taking longer. */
const timeoutMs = 4_000;

/** Stands for what is not made yet while it is asked whether it is needed. */
const noVersion: FreshVersion = { versionId: '', sealedMaterial: '' };

/** What a line of a list says is next for its key, due or not. */
export function foundIn(
  instanceId: string,
  keyId: string,
  summary: KeySummary,
  nowMs: number,
): FoundDue | undefined {
  if (isUndated(summary)) {
    return { instanceId, keyId, kind: 'date', dueAtMs: summary.updatedAtMs };
  }
  const due = nextDue(summary, nowMs);
  return due && { instanceId, keyId, ...due };
}

/** Never fails: what the store and the crypto-workers meet is logged. May be repeated, here and elsewhere, at any time. */
export async function carryOut(ports: SchedulePorts, found: FoundDue): Promise<CarriedOut> {
  const outcome = await attempt(ports, found);
  const { kind, instanceId, keyId, dueAtMs } = found;
  ports.metrics.scheduledChanges.of({ kind, outcome }).inc();
  if (outcome === 'done') {
    const dueAt = new Date(dueAtMs).toISOString();
    ports.log.info('schedule.done', { kind, instanceId, keyId, dueAt });
  }
  return outcome;
}

async function attempt(ports: SchedulePorts, found: FoundDue): Promise<CarriedOut> {
  const { kind, instanceId, keyId } = found;
  try {
    const deadline = Deadline.after(ports.clock, timeoutMs);
    const outcome = await (kind === 'date' ? redate : change)(ports, found, deadline);
    if (typeof outcome === 'string') return outcome;
    ports.log.warn('schedule.refused', { kind, instanceId, keyId, code: outcome.refusal.code });
    return 'refused';
  } catch (error) {
    if (!isKmsError(error)) throw error;
    ports.log.warn('schedule.failed', { kind, instanceId, keyId, error });
    return passing.includes(error.code) ? 'failed' : 'refused';
  }
}

/** What ends when zones come back; anything else is the key's own trouble, and no reason to let others wait. */
const passing: readonly KmsErrorCode[] = [
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'OUTCOME_UNKNOWN',
  'OVERLOADED',
  'SEALED',
];

type Refused = Extract<DueOutcome, { kind: 'refused' }>;

function redate(
  ports: SchedulePorts,
  { instanceId, keyId }: FoundDue,
  deadline: Deadline,
): Promise<'done' | 'overtaken'> {
  return ports.keys.change<'done' | 'overtaken'>(
    instanceId,
    keyId,
    (current) => {
      const key = livingKey(current);
      return key === undefined
        ? { kind: 'keep', result: 'overtaken' }
        : { kind: 'write', record: key, result: 'done' };
    },
    deadline,
  );
}

async function change(
  ports: SchedulePorts,
  { instanceId, keyId }: FoundDue,
  deadline: Deadline,
): Promise<'done' | 'overtaken' | Refused> {
  const nowMs = ports.clock.wallMs();
  const { instance, key } = await read(ports, instanceId, keyId, deadline);
  if (instance === undefined || key === undefined) return 'overtaken';
  const due = nextDue(summaryOf(key), nowMs);
  if (due === undefined) return 'overtaken';
  // Before anything is made for it.
  const expected = applyDue(key, due, noVersion, nowMs);
  if (expected.kind !== 'write') return expected.kind === 'overtaken' ? 'overtaken' : expected;
  const fresh = due.kind === 'rotate' ? await seal(ports, instance, key, due, deadline) : noVersion;
  if (due.kind === 'purge') await ports.erasures.intendPurge(key, nowMs, deadline, false);
  return ports.keys.change<'done' | 'overtaken' | Refused>(
    instanceId,
    keyId,
    (current) => decisionOf(applyDue(current, due, fresh, nowMs)),
    deadline,
  );
}

function decisionOf(outcome: DueOutcome): KeyDecision<'done' | 'overtaken' | Refused> {
  if (outcome.kind === 'write') return { kind: 'write', record: outcome.record, result: 'done' };
  return { kind: 'keep', result: outcome.kind === 'overtaken' ? 'overtaken' : outcome };
}

async function read(
  { store, instances, keys }: SchedulePorts,
  instanceId: string,
  keyId: string,
  deadline: Deadline,
): Promise<{ readonly instance: Instance | undefined; readonly key: Key | undefined }> {
  const ids = [instanceRegister(instanceId), keyRegister(instanceId, keyId)];
  const [ofInstance, ofKey] = await store.read(ids, deadline);
  return {
    instance: ofInstance && instances.decode(instanceId, ofInstance),
    key: livingKey(ofKey && keys.decode(instanceId, keyId, ofKey)),
  };
}

async function seal(
  { crypto, random }: SchedulePorts,
  { sealedInstanceKey }: Instance,
  { instanceId, id: keyId }: Key,
  { kind, dueAtMs }: DueChange,
  deadline: Deadline,
): Promise<FreshVersion> {
  const versionId = randomUuid(random);
  const binding = { instanceId, keyId, versionId };
  const context = { deadline, correlationId: `due/${kind}/${keyId}/${dueAtMs}` };
  const { sealedMaterial } = await crypto.sealMaterial({ sealedInstanceKey, binding }, context);
  return { versionId, sealedMaterial };
}
