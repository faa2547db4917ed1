// GET /console/live: Server-Sent Events for who is signed in. First `hello`, `samples` and `timeline` with all that is kept, then `state`
// and one `sample` a second, and `event` at once when something happened. One document a second for all listeners.
import type { ServerResponse } from 'node:http';
import type { History } from '../events/history.ts';
import type { Session } from './sessions.ts';
import type { ConsoleState, Sample } from './state.ts';

export const liveLimits = {
  /** A console in the hands of a few people. The ops port takes 64 connections in all. */
  listenersMax: 8,
  intervalMs: 1_000,
  /** Who reads so much slower than things happen is cut off, and comes back by itself. */
  unsentMaxBytes: 512 * 1_024,
  /** Of the events that are kept, so many are shown. */
  timelineMax: 200,
} as const;

export interface LiveOptions {
  readonly zone: string;
  readonly history: History;
  readonly state: () => ConsoleState;
  readonly samples: () => readonly Sample[];
}

interface Listener {
  send(text: string): void;
  end(text: string): void;
  /** Undefined once it is over. */
  readonly session: () => Session | undefined;
}

export class LiveStream {
  readonly #options: LiveOptions;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #deafen: (() => void) | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#listeners.size >= liveLimits.listenersMax;
  }

  /** `session` is asked again each second: a stream ends with its session. */
  serve(response: ServerResponse, session: () => Session | undefined): void {
    const { zone, history, samples } = this.#options;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const send = (text: string): void => {
      response.write(text);
      if (response.writableLength > liveLimits.unsentMaxBytes) response.destroy();
    };
    send(textOf('hello', { operator: session()?.operator ?? '', zone }));
    send(textOf('samples', samples()));
    send(textOf('timeline', history.all().slice(-liveLimits.timelineMax)));
    send(this.#stateText());
    const listener: Listener = { send, session, end: (text) => void response.end(text) };
    this.#add(listener);
    response.once('close', () => this.#remove(listener));
    // Something may be written in the turn in which it was cut off: that is no bug, and nobody is there to hear it.
    response.on('error', () => this.#remove(listener));
  }

  #add(listener: Listener): void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#tick(), liveLimits.intervalMs).unref();
    this.#deafen ??= this.#options.history.listen((event) =>
      this.#tell(textOf('event', event) + this.#stateText()),
    );
  }

  #remove(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#deafen?.();
    this.#timer = undefined;
    this.#deafen = undefined;
  }

  #tick(): void {
    const latest = this.#options.samples().at(-1);
    this.#tell((latest === undefined ? '' : textOf('sample', latest)) + this.#stateText());
  }

  #tell(text: string): void {
    for (const listener of this.#listeners) {
      if (listener.session() !== undefined) listener.send(text);
      else {
        // Before its end is written: several events may come in one turn, and a stream ends once.
        this.#remove(listener);
        listener.end(textOf('signed-out', {}));
      }
    }
  }

  #stateText(): string {
    return textOf('state', this.#options.state());
  }
}

/** JSON has no line breaks, so one data line holds it. */
function textOf(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
