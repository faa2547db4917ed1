// Rates, latencies and standings of edges, with time as an argument.
import type { CallCode, MeshObserver } from '@zonehold/mesh';
import { ManualClock } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { EdgeBook, type EdgeView } from './edge-book.ts';

const events = [
  'attemptEnded',
  'circuitChanged',
  'linkChanged',
  'ejected',
  'returned',
  'latencySpillChanged',
  'panicChanged',
] as const;
const passedOn: string[] = [];
const observer = Object.fromEntries(
  events.map((name) => [name, () => void passedOn.push(name)]),
) as unknown as MeshObserver;

class Book {
  readonly clock = new ManualClock();
  readonly book = new EdgeBook('key-manager', this.clock);
  readonly mesh = this.book.watching(observer);

  made(count: number, durationMs: number, code: CallCode = 'OK', zone = 'south-1'): this {
    for (let at = 0; at < count; at += 1)
      this.mesh.attemptEnded('key-manager', zone, 'operation', code, durationMs);
    return this;
  }

  edge(zone = 'south-1'): EdgeView | undefined {
    return this.book.view().edges.find((edge) => edge.zone === zone);
  }
}

describe('the book of edges', () => {
  it('shows rates of the last whole seconds, and forgets them', () => {
    const made = new Book().made(30, 5).made(6, 5, 'LINK_LOST');
    expect(made.edge()).toMatchObject({ callsPerSecond: 0, p50Ms: null, p99Ms: null });
    made.clock.advance(1_000);
    expect(made.edge()).toMatchObject({ callsPerSecond: 12, failedPerSecond: 2 });
    made.clock.advance(2_000);
    expect(made.edge()).toMatchObject({ callsPerSecond: 12 });
    made.clock.advance(1_000);
    expect(made.edge()).toMatchObject({ callsPerSecond: 0, failedPerSecond: 0, p99Ms: null });
  });

  it('tells a slow percent from the rest, to an eighth', () => {
    const made = new Book().made(980, 2).made(20, 300);
    made.clock.advance(1_000);
    const edge = made.edge();
    expect(Math.abs((edge?.p50Ms ?? 0) / 2 - 1)).toBeLessThan(0.13);
    expect(Math.abs((edge?.p99Ms ?? 0) / 300 - 1)).toBeLessThan(0.13);
  });

  it('takes every duration, also none and one beyond its bounds', () => {
    const made = new Book().made(1, 0).made(1, Number.POSITIVE_INFINITY).made(1, 1e9);
    made.clock.advance(1_000);
    expect(made.edge()).toMatchObject({ callsPerSecond: 1 });
    expect(made.edge()?.p99Ms).toBeGreaterThan(10_000);
  });

  it('knows how each zone stands, of its own service only', () => {
    const { mesh, book } = new Book();
    mesh.linkChanged('key-manager', 'south-1', 'up', '');
    mesh.linkChanged('crypto-worker', 'south-3', 'up', '');
    mesh.circuitChanged('key-manager', 'south-2', 'open');
    mesh.ejected('key-manager', 'south-2', 'ratio', 5_000);
    mesh.latencySpillChanged('key-manager', 'south-1', 0.4);
    mesh.panicChanged('key-manager', true);
    expect(book.view()).toMatchObject({
      ...{ service: 'key-manager', isPanic: true },
      edges: [
        { zone: 'south-1', isLinkUp: true, circuit: 'closed', ejected: 0, spillShare: 0.4 },
        { zone: 'south-2', isLinkUp: false, circuit: 'open', ejected: 1 },
      ],
    });
    mesh.returned('key-manager', 'south-2', 'link-up');
    expect(book.view().edges[1]?.ejected).toBe(1);
    mesh.returned('key-manager', 'south-2', 'ejection-over');
    expect(book.view().edges[1]?.ejected).toBe(0);
  });

  it('passes everything on', () => {
    const { mesh } = new Book();
    passedOn.length = 0;
    mesh.attemptEnded('key-manager', 'south-1', 'operation', 'OK', 1);
    mesh.circuitChanged('key-manager', 'south-1', 'open');
    mesh.linkChanged('key-manager', 'south-1', 'up', '');
    mesh.ejected('key-manager', 'south-1', 'consecutive', 1);
    mesh.returned('key-manager', 'south-1', 'ejection-over');
    mesh.latencySpillChanged('key-manager', 'south-1', 0);
    mesh.panicChanged('key-manager', false);
    expect(passedOn).toEqual([...events]);
  });
});
