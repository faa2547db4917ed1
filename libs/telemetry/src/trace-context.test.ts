// What of a traceparent is believed, what a line of a log says of its request, and what a call carries on.
import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '@zonehold/primitives';
import { createLog } from './log.ts';
import { currentTrace, readTraceparent, Traces } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const sound = `00-${traceId}-${spanId}-01`;

function countingRandom(): { readonly random: Random; draws: number } {
  const seeded = new SeededRandom(7);
  const counted = {
    draws: 0,
    random: {
      bytes: (count: number) => {
        counted.draws += 1;
        return seeded.bytes(count);
      },
      unit: () => seeded.unit(),
    },
  };
  return counted;
}

const traces = (): Traces => new Traces(new SeededRandom(1));

describe('a traceparent', () => {
  it.each([
    ['version 00', sound, true],
    ['one that is not sampled', `00-${traceId}-${spanId}-00`, false],
    ['flags of later versions', `00-${traceId}-${spanId}-fe`, false],
    ['a later version', `cc-${traceId}-${spanId}-01`, true],
    ['a later version that goes on', `cc-${traceId}-${spanId}-01-what-comes`, true],
  ])('is read: %s', (_name, text, isSampled) => {
    expect(readTraceparent(text)).toEqual({ traceId, spanId, isSampled });
  });

  it.each([
    ['none', undefined],
    ['a list', [sound]],
    ['an empty one', ''],
    ['two headers joined', `${sound}, ${sound}`],
    ['version 00 that goes on', `${sound}-more`],
    ['the forbidden version', `ff-${traceId}-${spanId}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['upper case', sound.toUpperCase()],
    ['a short trace id', `00-${traceId.slice(1)}-${spanId}-01`],
    ['no flags', `00-${traceId}-${spanId}`],
    ['what follows without a dash', `cc-${traceId}-${spanId}-01x`],
    ['a line break', `${sound}\n`],
    ['a quote', `00-${traceId}-${spanId}-0"`],
    ['an endless one', `cc-${traceId}-${spanId}-01-${'x'.repeat(300)}`],
  ])('is ignored: %s', (_name, text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });
});

describe('at the edge', () => {
  it('a request goes on with the trace its client names, as a span of its own', () => {
    const trace = traces().begin(sound, currentTrace);
    expect(trace).toEqual({
      traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      parentSpanId: spanId,
    });
    expect(trace?.spanId).not.toBe(spanId);
  });

  it('a request without a sound header begins a trace of its own', () => {
    const one = traces();
    const begun = [undefined, 'nonsense', sound.slice(0, -1)].map((header) =>
      one.begin(header, currentTrace),
    );
    expect(new Set(begun.map((trace) => trace?.traceId)).size).toBe(3);
    for (const trace of begun) {
      expect(trace).toEqual({
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
    }
  });

  it('requests side by side keep to their own, whatever they wait for', async () => {
    const one = traces();
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        one.begin(undefined, async () => {
          const before = currentTrace();
          for (let turn = 0; turn < at % 5; turn += 1) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          return [before, currentTrace()];
        }),
      ),
    );
    for (const [before, after] of seen) expect(after).toBe(before);
    expect(new Set(seen.map(([before]) => before?.traceId)).size).toBe(20);
    expect(currentTrace()).toBeUndefined();
  });
});

describe('a call made for a request', () => {
  it('carries the trace, the span it was made in, and what the client said of sampling', () => {
    const one = traces();
    const [trace, carried] = one.begin(sound, () => [currentTrace(), one.outgoing()] as const);
    expect(carried).toBe(`00-${traceId}-${trace?.spanId ?? ''}-01`);
    expect(one.begin(`00-${traceId}-${spanId}-00`, () => one.outgoing())).toMatch(/-00$/);
    expect(one.begin(undefined, () => one.outgoing())).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('carries nothing outside of a request', () => {
    const one = traces();
    expect(one.outgoing()).toBeUndefined();
    expect(one.join(undefined, () => one.outgoing())).toBeUndefined();
    expect(one.join('nonsense', () => one.outgoing())).toBeUndefined();
  });

  it('is served as the next span of the same trace, also when it is answered within another', () => {
    const [edge, inner] = [traces(), new Traces(new SeededRandom(2))];
    edge.begin(undefined, () => {
      const outer = currentTrace();
      const served = inner.join(edge.outgoing(), currentTrace);
      expect(served).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId });
      expect(served?.spanId).not.toBe(outer?.spanId);
      expect(inner.join(undefined, currentTrace)).toBeUndefined();
      expect(currentTrace()).toBe(outer);
    });
  });

  it('costs no random bytes where nobody asks for the span, and one draw for many where somebody does', () => {
    const counted = countingRandom();
    const one = new Traces(counted.random);
    for (let call = 0; call < 1_000; call += 1) one.join(sound, () => undefined);
    expect(counted.draws).toBe(0);
    for (let call = 0; call < 512; call += 1) one.join(sound, () => one.outgoing());
    expect(counted.draws).toBe(1);
  });
});

describe('a line of a log', () => {
  function record(): { log: ReturnType<typeof createLog>; lines: () => unknown[] } {
    const written: string[] = [];
    const destination = { write: (line: string) => void written.push(line) };
    const process = { service: 'gateway', zone: 'south-1', region: 'south' };
    const log = createLog({ ...process, level: 'info', destination });
    return { log, lines: () => written.map((line) => JSON.parse(line) as unknown) };
  }

  it('says which request it belongs to, audit events and children included', () => {
    const { log, lines } = record();
    const trace = traces().begin(sound, () => {
      log.info('a.b');
      log.warn('a.b', { count: 1, traceId: 'another' });
      log.child({ correlationId: 'c' }).error('a.b', {});
      log.audit({ event: 'audit.event' } as never);
      return currentTrace();
    });
    expect(lines()).toHaveLength(4);
    for (const line of lines()) expect(line).toMatchObject({ ...trace });
  });

  it('says nothing of traces outside of a request', () => {
    const { log, lines } = record();
    log.info('a.b', { count: 1 });
    expect(Object.keys(lines()[0] as object)).not.toContain('traceId');
  });
});
