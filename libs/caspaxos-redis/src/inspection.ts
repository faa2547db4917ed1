// One look at an acceptor's Redis: settings, facts and identity in one round trip, and the sentence why it may not vote.
// The sequence is compared elsewhere (acceptor-gate.ts): that needs the peers.
import type { AcceptorStanding, SignedConfiguration, Stamp } from '@zonehold/caspaxos';
import { parseSelf } from '@zonehold/caspaxos';
import type { RedisCommand } from './call-queue.ts';
import { configurationKey } from './redis-keys.ts';
import { isFields, isTexts, sequenceOf } from './reply-shapes.ts';
import {
  guardedSections,
  guardedSettings,
  parseInfo,
  parsePairs,
  unsafeSettings,
} from './safety-settings.ts';

/** What was found. `refusal` undefined: identity and settings are as they must be. */
export interface Inspection {
  readonly refusal: { readonly standing: AcceptorStanding; readonly reason: string } | undefined;
  readonly runId: string;
  readonly seq: number;
  readonly stamp: Stamp;
  readonly configuration: SignedConfiguration | undefined;
}

/** The questions, in the order in which `judgeInspection` takes the answers. */
export const inspectionCommands: readonly RedisCommand[] = [
  ['info', ...guardedSections],
  ['config', 'get', ...guardedSettings],
  ['hmget', configurationKey, 'self', 'stamp', 'seq', 'config', 'configMac'],
];

/** Judges the three replies for the acceptor that should bear `self`. */
export function judgeInspection(replies: readonly unknown[], self: string): Inspection {
  const [info, settings, header] = replies;
  if (typeof info !== 'string' || !isTexts(settings) || !isFields(header)) return unreadable;
  const facts = parseInfo(info);
  const [found = null, stamp = null, seq = null, text = null, mac = null] = header;
  const unsafe = unsafeSettings(parsePairs(settings), facts);
  const count = sequenceOf(seq ?? '0');
  if (count === undefined) unsafe.push('the sequence of this acceptor is not a number');
  const stranger = judgeIdentity(found, self);
  return {
    refusal:
      stranger ??
      (unsafe.length > 0 ? { standing: 'unsafe-settings', reason: unsafe.join('; ') } : undefined),
    runId: facts.get('run_id') ?? '',
    seq: count ?? 0,
    stamp: stamp ?? '',
    configuration: text && mac ? { text, mac } : undefined,
  };
}

const unreadable: Inspection = {
  refusal: { standing: 'unsafe-settings', reason: 'the answers to the check cannot be read' },
  runId: '',
  seq: 0,
  stamp: '',
  configuration: undefined,
};

/** Why an acceptor that calls itself `found` is not `self`; undefined when it is. */
export function judgeIdentity(found: string | null, self: string): Inspection['refusal'] {
  if (found === self) return undefined;
  if (found === null) {
    return {
      standing: 'wiped',
      reason: 'the acceptor has no identity: its disk is empty; rebuild it',
    };
  }
  const other = parseSelf(found);
  const wanted = parseSelf(self);
  if (other === undefined || wanted === undefined) {
    return { standing: 'foreign', reason: 'the acceptor bears an identity that cannot be read' };
  }
  const differing = (['clusterId', 'region', 'zone', 'acceptorId', 'incarnation'] as const).filter(
    (part) => other[part] !== wanted[part],
  );
  if (differing.every((part) => part === 'incarnation')) {
    const reason = `the acceptor is ${found}: of this zone, but not the one that is configured`;
    return { standing: 'other-incarnation', reason };
  }
  return {
    standing: 'foreign',
    reason: `the acceptor is ${found}, not ${self}: other ${differing.join(', ')}`,
  };
}
