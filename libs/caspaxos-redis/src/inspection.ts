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
  /** What it calls itself; null when it has no identity. */
  readonly self: string | null;
  readonly runId: string;
  readonly seq: number;
  /** Its machine's wall clock as it answered, in milliseconds since the Unix epoch; undefined when it did not say. */
  readonly wallMs: number | undefined;
  readonly stamp: Stamp;
  readonly configuration: SignedConfiguration | undefined;
}

/** Why an acceptor that calls itself `found` is not the one that was meant; undefined when it is. */
export type IdentityJudge = (found: string | null) => Inspection['refusal'];

/** The questions, in the order in which `judgeInspection` takes the answers. */
export const inspectionCommands: readonly RedisCommand[] = [
  ['info', ...guardedSections],
  ['config', 'get', ...guardedSettings],
  ['hmget', configurationKey, 'self', 'stamp', 'seq', 'config', 'configMac'],
];

/** Judges the three replies; `judge` says whether the right acceptor answered. */
export function judgeInspection(replies: readonly unknown[], judge: IdentityJudge): Inspection {
  const [info, settings, header] = replies;
  if (typeof info !== 'string' || !isTexts(settings) || !isFields(header)) return unreadable;
  const facts = parseInfo(info);
  const [found = null, stamp = null, seq = null, text = null, mac = null] = header;
  const unsafe = unsafeSettings(parsePairs(settings), facts);
  const count = sequenceOf(seq ?? '0');
  if (count === undefined) unsafe.push('the sequence of this acceptor is not a number');
  const stranger = judge(found);
  return {
    refusal:
      stranger ??
      (unsafe.length > 0 ? { standing: 'unsafe-settings', reason: unsafe.join('; ') } : undefined),
    self: found,
    runId: facts.get('run_id') ?? '',
    seq: count ?? 0,
    wallMs: wallMsOf(facts.get('server_time_usec')),
    stamp: stamp ?? '',
    configuration: text && mac ? { text, mac } : undefined,
  };
}

function wallMsOf(microseconds: string | undefined): number | undefined {
  const wallMs = Number(microseconds) / 1_000;
  return Number.isFinite(wallMs) ? wallMs : undefined;
}

const unreadable: Inspection = {
  refusal: { standing: 'unsafe-settings', reason: 'the answers to the check cannot be read' },
  self: null,
  runId: '',
  seq: 0,
  wallMs: undefined,
  stamp: '',
  configuration: undefined,
};

const identityParts = ['clusterId', 'region', 'zone', 'acceptorId', 'incarnation'] as const;

/** For who needs the very incarnation that is configured: a vote counts only from that. */
export function judgeIdentity(found: string | null, self: string): Inspection['refusal'] {
  if (found === self) return undefined;
  if (found === null) return wiped;
  const differing = differingParts(found, self);
  if (differing === undefined) return unreadableIdentity;
  if (differing.every((part) => part === 'incarnation')) {
    const reason = `the acceptor is ${found}: of this zone, but not the one that is configured`;
    return { standing: 'other-incarnation', reason };
  }
  return foreign(found, self, differing);
}

/** For who only watches: a rebuild gives an acceptor another incarnation, and it is this zone's none the less. */
export function judgeHome(found: string | null, self: string): Inspection['refusal'] {
  if (found === null) return wiped;
  const differing = differingParts(found, self)?.filter((part) => part !== 'incarnation');
  if (differing === undefined) return unreadableIdentity;
  return differing.length === 0 ? undefined : foreign(found, self, differing);
}

const wiped: Inspection['refusal'] = {
  standing: 'wiped',
  reason: 'the acceptor has no identity: its disk is empty; it is to be rebuilt',
};

const unreadableIdentity: Inspection['refusal'] = {
  standing: 'foreign',
  reason: 'the acceptor bears an identity that cannot be read',
};

function foreign(found: string, self: string, parts: readonly string[]): Inspection['refusal'] {
  const reason = `the acceptor is ${found}, not ${self}: other ${parts.join(', ')}`;
  return { standing: 'foreign', reason };
}

/** The parts in which two identities differ; undefined when one cannot be read. */
function differingParts(
  found: string,
  self: string,
): readonly (typeof identityParts)[number][] | undefined {
  const other = parseSelf(found);
  const wanted = parseSelf(self);
  if (other === undefined || wanted === undefined) return undefined;
  return identityParts.filter((part) => other[part] !== wanted[part]);
}
