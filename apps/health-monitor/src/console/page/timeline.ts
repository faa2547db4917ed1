// What happened, newest first.
import { h, type JSX } from 'preact';
import { lineOf } from './timeline-model.ts';
import { Badge, Section } from './ui.ts';
import type { MonitorEvent } from '../state.ts';
import { clockText } from './wording.ts';

/** What is older is on the JSON page of events. */
const shownMax = 50;

/** A zone that is down has a reason for each of its services; the table of zones has them all. */
const detailsMax = 2;

function shortened(details: readonly string[]): readonly string[] {
  if (details.length <= detailsMax) return details;
  return [...details.slice(0, detailsMax), `and ${details.length - detailsMax} more`];
}

export function Timeline({ events }: { readonly events: readonly MonitorEvent[] }): JSX.Element {
  const lines = events.slice(-shownMax).map(lineOf).toReversed();
  const list = h(
    'ol',
    { class: 'timeline', tabIndex: 0, 'aria-label': 'Events, newest first' },
    lines.map(({ id, at, tone, text, details }) =>
      h(
        'li',
        { key: id, class: tone },
        h('time', { dateTime: at }, clockText(at)),
        h(Badge, { tone, word: text }),
        shortened(details).map((detail) => h('p', { key: detail }, detail)),
      ),
    ),
  );
  const nothing = h('p', { class: 'quiet' }, 'Nothing has happened since this monitor started.');
  return h(Section, {
    id: 'timeline',
    title: 'Timeline',
    children: lines.length > 0 ? list : nothing,
  });
}
