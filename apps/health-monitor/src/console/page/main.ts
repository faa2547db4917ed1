// The page of a region: everything that the monitor says, in one column of parts, kept up to date while it is open.
import { h, render, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Charts } from './charts.ts';
import { Drains, Faults } from './controls.ts';
import { follow, leave, nothingYet, type Live } from './live.ts';
import { order } from './orders.ts';
import { Quorum } from './quorum.ts';
import { RegionMap } from './region-map.ts';
import { EdgesTable, ZonesTable } from './tables.ts';
import { ThemeChoice } from './theme.ts';
import { Timeline } from './timeline.ts';
import { lineOf } from './timeline-model.ts';
import { Badge, Section } from './ui.ts';
import { viewOf, type View } from './view-model.ts';
import type { ConsoleState } from '../state.ts';

/** Two missed words: the monitor hangs, or the way to it. */
const silentMaxS = 3;

function App(): JSX.Element {
  const [live, setLive] = useState<Live>(nothingYet);
  useEffect(() => follow(setLive), []);
  const { state } = live;
  const isStale = !live.isConnected || live.silentS > silentMaxS;
  return h(
    'div',
    { class: isStale && state !== undefined ? 'app stale' : 'app' },
    h('a', { class: 'skip', href: '#main' }, 'Skip to the region'),
    h(Header, { live }),
    h(
      'main',
      { id: 'main', tabIndex: -1 },
      state === undefined
        ? h('p', { class: 'quiet' }, 'Asking the monitor …')
        : h(Region, { live, state, isStale }),
    ),
    h(
      'div',
      { class: 'unseen', role: 'status', 'aria-live': 'polite', id: 'news' },
      newsText(live),
    ),
  );
}

/** What a screen reader hears when something happens. */
function newsText({ news }: Live): string {
  if (news === undefined) return '';
  const { text, details } = lineOf(news);
  return `${text}. ${details.join(' ')}`;
}

function Header({ live }: { readonly live: Live }): JSX.Element {
  const { state, zone, operator } = live;
  const others = state?.consoles.filter((entry) => entry.zone !== zone) ?? [];
  const signOut = async (): Promise<void> => {
    await order('sign-out', {});
    leave();
  };
  return h(
    'header',
    null,
    h(
      'div',
      null,
      h('h1', null, 'Zonehold console'),
      h(
        'p',
        { class: 'quiet' },
        state === undefined
          ? ''
          : `Region ${state.health.region}, as the monitor of ${zone} sees it`,
      ),
    ),
    h(
      'nav',
      { 'aria-label': 'Other consoles' },
      others.map((entry) => h('a', { key: entry.zone, href: entry.url }, entry.zone)),
    ),
    h(
      'div',
      { class: 'who' },
      h(ThemeChoice, null),
      h('span', { class: 'quiet' }, operator === '' ? '' : `Signed in: ${operator}`),
      h('button', { type: 'button', class: 'small', onClick: () => void signOut() }, 'Sign out'),
    ),
  );
}

interface RegionProps {
  readonly live: Live;
  readonly state: ConsoleState;
  readonly isStale: boolean;
}

function Region({ live, state, isStale }: RegionProps): JSX.Element {
  const view = viewOf(state);
  return h(
    'div',
    { class: 'region' },
    h(Headline, { live, view, isStale }),
    h(Section, { id: 'map', title: 'Region', children: h(RegionMap, { view }) }),
    h(Timeline, { events: live.events }),
    h(Charts, { zones: view.zones.map(({ zone }) => zone), samples: live.samples }),
    h(Section, { id: 'zones', title: 'Zones', children: h(ZonesTable, { zones: view.zones }) }),
    h(Section, {
      id: 'edges',
      title: 'Calls from gateways to key-managers',
      children: h(EdgesTable, {
        caption: 'Calls from gateways to key-managers',
        edges: view.edges,
      }),
    }),
    h(Section, {
      id: 'crypto-edges',
      title: 'Calls from key-managers to crypto-workers',
      children: h(EdgesTable, {
        caption: 'Calls from key-managers to crypto-workers',
        edges: view.cryptoEdges,
      }),
    }),
    h(Quorum, { quorum: view.quorum }),
    h(Drains, { state }),
    h(Faults, { state }),
  );
}

function Headline({
  live,
  view,
  isStale,
}: Omit<RegionProps, 'state'> & { readonly view: View }): JSX.Element {
  const { headline, remarks } = view;
  const silence = live.isConnected
    ? `No news from this monitor for ${live.silentS} s.`
    : 'No connection to this monitor; trying again. The other consoles may know more.';
  return h(
    'div',
    { class: `headline ${headline.tone}`, id: 'headline' },
    h('p', { class: 'main-word' }, h(Badge, { tone: headline.tone, word: headline.text })),
    isStale ? h('p', { id: 'silence' }, h(Badge, { tone: 'bad', word: silence })) : null,
    remarks.map(({ tone, text }) => h('p', { key: text }, h(Badge, { tone, word: text }))),
  );
}

const place = document.getElementById('page');
if (place !== null) render(h(App, null), place);
