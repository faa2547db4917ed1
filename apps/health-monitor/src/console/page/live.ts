// What the page knows, kept up to date by the monitor's stream. The browser connects again by itself; each connection begins with all.
import type { ConsoleState, MonitorEvent, Sample } from '../state.ts';

export interface Live {
  /** Who is signed in. */
  readonly operator: string;
  /** The zone whose monitor speaks. */
  readonly zone: string;
  readonly state: ConsoleState | undefined;
  readonly events: readonly MonitorEvent[];
  readonly samples: readonly Sample[];
  /** The latest event that came while the page was open. */
  readonly news: MonitorEvent | undefined;
  readonly isConnected: boolean;
  /** Seconds since the last word. */
  readonly silentS: number;
}

export const nothingYet: Live = {
  ...{ operator: '', zone: '', state: undefined, events: [], samples: [], news: undefined },
  ...{ isConnected: false, silentS: 0 },
};

/** As much as the monitor keeps. */
const samplesMax = 300;
const eventsMax = 200;

/** What the stream says, by the name of the event. */
interface Words {
  readonly hello: Pick<Live, 'operator' | 'zone'>;
  readonly samples: readonly Sample[];
  readonly timeline: readonly MonitorEvent[];
  readonly state: ConsoleState;
  readonly sample: Sample;
  readonly event: MonitorEvent;
}

type Change = (before: Live) => Live;

/** Calls `change` with each piece of news, until the returned function is called. Leaves for the sign-in page when the session is over. */
export function follow(change: (how: Change) => void): () => void {
  const source = new EventSource('/console/live');
  const on = <Name extends keyof Words>(
    name: Name,
    how: (before: Live, data: Words[Name]) => Live,
  ): void =>
    source.addEventListener(name, (event: MessageEvent<string>) => {
      const data = JSON.parse(event.data) as Words[Name];
      change((before) => ({ ...how(before, data), isConnected: true, silentS: 0 }));
    });
  on('hello', (before, hello) => ({ ...before, ...hello }));
  on('samples', (before, samples) => ({ ...before, samples }));
  on('timeline', (before, events) => ({ ...before, events }));
  on('state', (before, state) => ({ ...before, state }));
  on('sample', (before, sample) => ({ ...before, samples: added(before.samples, sample) }));
  on('event', (before, news) => ({
    ...{ ...before, news },
    events: [...before.events, news].slice(-eventsMax),
  }));
  source.addEventListener('signed-out', leave);
  source.addEventListener('error', () => {
    change((before) => ({ ...before, isConnected: false }));
    // Closed for good: the monitor refused. Otherwise the browser tries again.
    if (source.readyState === EventSource.CLOSED) void leaveIfSignedOut();
  });
  const timer = setInterval(
    () => change((before) => ({ ...before, silentS: before.silentS + 1 })),
    1_000,
  );
  return () => {
    source.close();
    clearInterval(timer);
  };
}

function added(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return samples.at(-1)?.atS === sample.atS ? samples : [...samples, sample].slice(-samplesMax);
}

async function leaveIfSignedOut(): Promise<void> {
  const response = await fetch('/console/session');
  const { operator } = (await response.json()) as { readonly operator?: string };
  if (operator === undefined) leave();
}

export function leave(): void {
  location.assign('/console/sign-in');
}
