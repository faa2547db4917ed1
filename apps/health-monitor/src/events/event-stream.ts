// GET /v1/events: the history as JSON, or as Server-Sent Events that go on (HTML standard, 9.2). A listener that comes back with
// Last-Event-ID gets what it missed; when that is no longer known it gets `reset` and all that is kept.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { History, MonitorEvent } from './history.ts';

export const streamLimits = {
  /** People and consoles. The ops port takes 64 connections in all. */
  listenersMax: 32,
  /** A comment so often keeps proxies from taking a quiet stream for a dead one. */
  heartbeatMs: 15_000,
  /** Who reads so much slower than things happen is cut off, and may come back for the rest. */
  unsentMaxBytes: 256 * 1_024,
} as const;

/** Answers one request. */
export function serveEvents(
  history: History,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const wantsStream = (request.headers.accept ?? '').includes('text/event-stream');
  if (!wantsStream) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify({ events: history.all() }));
  } else if (history.listeners >= streamLimits.listenersMax) {
    response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '10' });
    response.end(JSON.stringify({ reason: 'Too many listen already.' }));
  } else stream(history, request, response);
}

function stream(history: History, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const lastId = request.headers['last-event-id'];
  const missed = typeof lastId === 'string' ? history.after(lastId) : history.all();
  if (missed === undefined) response.write('event: reset\ndata: {}\n\n');
  else response.write(': here you are\n\n');
  for (const event of missed ?? history.all()) response.write(eventText(event));
  const send = (text: string): void => {
    response.write(text);
    if (response.writableLength > streamLimits.unsentMaxBytes) response.destroy();
  };
  const deafen = history.listen((event) => send(eventText(event)));
  const heartbeat = setInterval(() => send(': still here\n\n'), streamLimits.heartbeatMs).unref();
  // Something may be written in the turn in which it was cut off: nobody is there to hear it.
  response.on('error', deafen);
  response.once('close', () => {
    deafen();
    clearInterval(heartbeat);
  });
}

/** JSON has no line breaks, so one data line holds it. */
function eventText(event: MonitorEvent): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
