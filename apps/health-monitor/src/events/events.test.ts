// The history, and the stream over a real socket.
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serveEvents, streamLimits } from './event-stream.ts';
import { eventsMax, History } from './history.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const event = (to: string) => ({
  ...{ at: '2026-01-01T00:00:00.000Z', kind: 'zone' as const, zone: 'south-1' },
  ...{ from: 'healthy', to, reasons: ['redis: It is silent.'] },
});
const namesOf = (events: readonly { to: string }[] | undefined) => events?.map(({ to }) => to);

function historyOf(...names: readonly string[]): History {
  const history = new History('life');
  for (const name of names) history.add(event(name));
  return history;
}

describe('the history', () => {
  it('knows what came after an event', () => {
    const history = historyOf('a', 'b', 'c');
    expect(namesOf(history.after('life-1'))).toEqual(['b', 'c']);
    expect(namesOf(history.after('life-0'))).toEqual(['a', 'b', 'c']);
    expect(namesOf(history.after('life-3'))).toEqual([]);
  });

  it.each(['other-1', 'life-4', 'life', 'life-', 'life-1-1', 'life-1.5', 'life--1', ''])(
    'cannot say what came after "%s"',
    (id) => expect(historyOf('a', 'b', 'c').after(id)).toBeUndefined(),
  );

  it('tells everybody everything in the same order, also what telling adds', () => {
    const history = new History('life');
    const heard: string[] = [];
    history.listen(({ to }) => {
      if (to === 'a') history.add(event('b'));
    });
    history.listen(({ to }) => heard.push(to));
    history.add(event('a'));
    expect(heard).toEqual(['a', 'b']);
  });

  it('keeps no more than its bound, and says when something is missing', () => {
    const history = new History('life');
    for (let at = 1; at <= eventsMax + 5; at += 1) history.add(event(String(at)));
    expect(history.all()).toHaveLength(eventsMax);
    expect(history.all()[0]?.to).toBe('6');
    expect(history.after('life-4')).toBeUndefined();
    expect(history.after('life-5')).toHaveLength(eventsMax);
  });
});

describe('the stream of events', () => {
  async function serve(history: History): Promise<number> {
    const server = createServer((request, response) => serveEvents(history, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  async function ask(port: number, headers: Record<string, string>): Promise<IncomingMessage> {
    const request = get({ host: '127.0.0.1', port, headers, agent: false });
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    closing.push(() => request.destroy());
    return response;
  }

  async function listen(port: number, headers: Record<string, string> = {}) {
    const response = await ask(port, { accept: 'text/event-stream', ...headers });
    const heard = { text: '', status: response.statusCode, response };
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (heard.text += chunk));
    response.on('error', () => undefined);
    return heard;
  }

  it('shows the history as JSON to who does not ask for a stream', async () => {
    const response = await ask(await serve(historyOf('a', 'b')), {});
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(JSON.parse(text)).toMatchObject({ events: [{ id: 'life-1', to: 'a' }, { to: 'b' }] });
  });

  it('tells what is kept, then what comes', async () => {
    const history = historyOf('a');
    const heard = await listen(await serve(history));
    await vi.waitFor(() => expect(heard.text).toContain('id: life-1\nevent: zone\ndata: {'));
    history.add(event('b'));
    await vi.waitFor(() => expect(heard.text).toContain('id: life-2\n'));
    expect(heard.text).not.toContain('reset');
  });

  it('goes on after the last event that was heard', async () => {
    const heard = await listen(await serve(historyOf('a', 'b', 'c')), {
      'last-event-id': 'life-2',
    });
    await vi.waitFor(() => expect(heard.text).toContain('id: life-3\n'));
    expect(heard.text).not.toContain('id: life-2\n');
  });

  it('starts over, and says so, when it does not know the last event', async () => {
    const heard = await listen(await serve(historyOf('a')), { 'last-event-id': 'before-7' });
    await vi.waitFor(() =>
      expect(heard.text).toMatch(/^event: reset\ndata: \{\}\n\n.*id: life-1/s),
    );
  });

  it('takes only so many listeners, and forgets those who leave', async () => {
    const history = historyOf();
    const port = await serve(history);
    const all = await Promise.all(
      Array.from({ length: streamLimits.listenersMax }, () => listen(port)),
    );
    expect(history.listeners).toBe(streamLimits.listenersMax);
    expect((await listen(port)).status).toBe(503);
    all[0]?.response.destroy();
    await vi.waitFor(() => expect(history.listeners).toBe(streamLimits.listenersMax - 1));
    expect((await listen(port)).status).toBe(200);
  });

  it('cuts off who does not read', async () => {
    const history = historyOf();
    const { response } = await listen(await serve(history));
    response.pause();
    const long = { ...event('b'), reasons: ['x'.repeat(200_000)] };
    for (let times = 0; times < 60; times += 1) history.add(long);
    await vi.waitFor(() => expect(history.listeners).toBe(0));
  });
});
