// A rule in words: for logs, tables and pages. Pure.
import type { FaultAction, FaultRule } from './rule.ts';

/** What it does: `delay 200 ms (up to 50 more)`. */
export function actionText(action: FaultAction): string {
  switch (action.kind) {
    case 'delay':
      return action.jitterMs === undefined || action.jitterMs === 0
        ? `delay ${action.delayMs} ms`
        : `delay ${action.delayMs} ms (up to ${action.jitterMs} more)`;
    case 'abort':
      return `abort with ${action.code}`;
    case 'bandwidth':
      return `bandwidth ${action.bytesPerSecond} bytes/s`;
    case 'reset':
    case 'black-hole':
      return action.kind;
  }
}

/** Whom it names: `redis of south-2`, `anybody`. */
export function partyText({ zone, service }: FaultRule['from']): string {
  if (service === undefined) return zone ?? 'anybody';
  return zone === undefined ? service : `${service} of ${zone}`;
}

/** The whole in one line, without reason and end. */
export function faultText(rule: FaultRule): string {
  const { action, from, to, legs, routes, exceptRoutes, percent, end } = rule;
  const messages = { request: 'requests', reply: 'replies', both: 'messages' }[legs];
  return [
    `${actionText(action)}: ${percent === 100 ? '' : `${percent} % of `}${messages} from ${partyText(from)} to ${partyText(to)}`,
    ...(routes === undefined ? [] : [`of ${routes.join(', ')}`]),
    ...(exceptRoutes === undefined ? [] : [`except ${exceptRoutes.join(', ')}`]),
    ...(end === 'sender' ? [] : ['at the receiver']),
  ].join(', ');
}
