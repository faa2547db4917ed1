// What becomes of one message under the rules in force. Pure: who sends what to whom, and a die.
import type { KmsErrorCode, Random } from '@zonehold/primitives';
import type { FaultRule, FaultService } from './rule.ts';

export interface FaultParty {
  readonly zone: string;
  readonly service: FaultService;
}

/** A message on its way, as one of its two ends sees it. */
export interface FaultedMessage {
  readonly sender: FaultParty;
  readonly receiver: FaultParty;
  readonly leg: 'request' | 'reply';
  /** A frame method, a kind of Redis command, `ping` or `connect`. */
  readonly route: string;
  /** Which end asks; `both` where one process stands for both ends (Redis). */
  readonly end: 'sender' | 'receiver' | 'both';
}

/** `rule` is the one that decided. Slow: the rules to wait for, one after the other. */
export type Fate =
  | { readonly kind: 'reset' | 'black-hole'; readonly rule: FaultRule }
  | { readonly kind: 'abort'; readonly rule: FaultRule; readonly code: KmsErrorCode }
  | { readonly kind: 'slow'; readonly rules: readonly FaultRule[] };

/** Does the rule speak of this message? Percentage and time are judged elsewhere. */
export function hits(rule: FaultRule, message: FaultedMessage): boolean {
  const { leg, route, end } = message;
  if (end !== 'both' && rule.end !== end) return false;
  if (rule.legs !== 'both' && rule.legs !== leg) return false;
  if (rule.action.kind === 'abort' && (leg === 'reply' || isOfTheLink(route))) return false;
  if (!isParty(rule.from, message.sender) || !isParty(rule.to, message.receiver)) return false;
  if (rule.routes !== undefined && !isAmong(rule.routes, route)) return false;
  return rule.exceptRoutes === undefined || !isAmong(rule.exceptRoutes, route);
}

/**
 * What becomes of a message, or undefined: it passes. The die is thrown once for each rule that speaks of it. A reset wins over a
 * black hole, that over an abort, that over slowness; all that make it slow do so together.
 */
export function judge(
  rules: readonly FaultRule[],
  message: FaultedMessage,
  random: Pick<Random, 'unit'>,
): Fate | undefined {
  const thrown = rules.filter(
    (rule) => hits(rule, message) && (rule.percent >= 100 || random.unit() * 100 < rule.percent),
  );
  if (thrown.length === 0) return undefined;
  for (const kind of ['reset', 'black-hole'] as const) {
    const rule = thrown.find(({ action }) => action.kind === kind);
    if (rule !== undefined) return { kind, rule };
  }
  for (const rule of thrown) {
    if (rule.action.kind === 'abort') return { kind: 'abort', rule, code: rule.action.code };
  }
  return { kind: 'slow', rules: thrown };
}

/** What a link says of itself is not answered by a handler, and cannot be answered with a failure. */
function isOfTheLink(route: string): boolean {
  return route === 'ping' || route === 'connect' || route === 'cancel';
}

function isParty(wanted: FaultRule['from'], party: FaultParty): boolean {
  return (
    (wanted.zone === undefined || wanted.zone === party.zone) &&
    (wanted.service === undefined || wanted.service === party.service)
  );
}

function isAmong(patterns: readonly string[], route: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? route.startsWith(pattern.slice(0, -1)) : pattern === route,
  );
}
