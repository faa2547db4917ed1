// Who votes, and how far a rebuild is.
import { h, type JSX } from 'preact';
import type { ShownQuorum } from './quorum-model.ts';
import { Badge, Section } from './ui.ts';
import { clockText, countText } from './wording.ts';

export function Quorum({ quorum }: { readonly quorum: ShownQuorum }): JSX.Element {
  const { tone, sentence, epoch, voters, zones, rebuild } = quorum;
  const word = voters === null ? 'unknown' : `${voters} of ${zones} vote`;
  return h(
    Section,
    { id: 'quorum', title: 'Quorum and rebuilds' } as Parameters<typeof Section>[0],
    h('p', null, h(Badge, { tone, word }), ` ${sentence}`),
    rebuild === null ? h('p', { class: 'quiet' }, lastText(quorum)) : h(Rebuild, { rebuild }),
    epoch === null ? null : h('p', { class: 'quiet' }, `Configuration of epoch ${epoch}.`),
  );
}

function Rebuild({
  rebuild,
}: {
  readonly rebuild: NonNullable<ShownQuorum['rebuild']>;
}): JSX.Element {
  const { zone, cause, done, total, text } = rebuild;
  const title = `${zone} is rebuilt (${cause})`;
  const known = total === 0 ? {} : { value: Math.min(done, total), max: total };
  return h(
    'div',
    { class: 'rebuild' },
    h('p', null, h(Badge, { tone: 'busy', word: title })),
    h('progress', { 'aria-label': title, ...known }),
    h('p', null, text),
  );
}

function lastText({ lastRebuild }: ShownQuorum): string {
  if (lastRebuild === null) return 'No zone was rebuilt yet.';
  const { zone, cause, records, finishedAt } = lastRebuild;
  return `Last rebuild: ${zone} (${cause}), ${countText(records)} records, finished at ${clockText(finishedAt)}.`;
}
