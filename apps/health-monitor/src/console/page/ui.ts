// The few pieces that every part of the page is made of.
import { h, type ComponentChildren, type JSX } from 'preact';
import { signs, type Tone } from './tones.ts';

/** A sign, a colour and a word. The sign is for eyes only: the word says the same. */
export function Badge({ tone, word }: { readonly tone: Tone; readonly word: string }): JSX.Element {
  return h(
    'span',
    { class: `badge ${tone}` },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, signs[tone]),
    word,
  );
}

/** A part of the page with a heading of its own. */
export function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { id, title, children } = props;
  return h(
    'section',
    { id, class: 'card', 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    children,
  );
}

export interface TableProps {
  readonly caption: string;
  readonly heads: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
}

/** A table that may be wider than its place: then the keyboard can scroll it. */
export function Table({ caption, heads, rows }: TableProps): JSX.Element {
  const headRow = heads.map((head) => h('th', { key: head, scope: 'col' }, head));
  const bodyRows = rows.map(({ key, cells: [first, ...rest] }) =>
    h(
      'tr',
      { key },
      h('th', { scope: 'row' }, first),
      rest.map((cell, at) => h('td', { key: at }, cell)),
    ),
  );
  return h(
    'div',
    { class: 'table', role: 'region', 'aria-label': `${caption}, table`, tabIndex: 0 },
    h(
      'table',
      null,
      h('caption', { class: 'unseen' }, caption),
      h('thead', null, h('tr', null, headRow)),
      h('tbody', null, bodyRows),
    ),
  );
}
