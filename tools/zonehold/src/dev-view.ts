// What a development region has been told, for people. Pure.
import type { DevControls, Injection } from '@zonehold/service-host';
import { durationText } from './duration.ts';
import { renderTable } from './output.ts';

/** Sentences for `status`: whoever wonders about an answer looks there first. */
export function devRemarks({ clockOffsetMs, injections }: DevControls): string[] {
  return [
    'Development region: its keys may be public.',
    ...(clockOffsetMs === 0 ? [] : [`The keys' time is ${durationText(clockOffsetMs)} ahead.`]),
    ...injections.map((injection) => `Injected into ${injectionText(injection)}.`),
  ];
}

function injectionText(injection: Injection): string {
  const { id, route, percent, untilMs } = injection;
  const until = new Date(untilMs).toISOString();
  return `${route === '*' ? 'every operation' : route}: ${effectOf(injection)} for ${percent} % until ${until} (${id})`;
}

function effectOf({ status, latencyMs }: Injection): string {
  return [
    ...(latencyMs === undefined ? [] : [`${latencyMs} ms`]),
    ...(status === undefined ? [] : [String(status)]),
  ].join(', then ');
}

export function renderInjections(injections: readonly Injection[]): string {
  const rows = injections.map((injection) => [
    String(injection.id),
    injection.route,
    effectOf(injection),
    `${injection.percent} %`,
    new Date(injection.untilMs).toISOString(),
  ]);
  return renderTable([['ID', 'ROUTE', 'EFFECT', 'OF REQUESTS', 'UNTIL'], ...rows]);
}
