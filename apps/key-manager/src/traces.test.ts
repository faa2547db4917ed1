// A request's trace through a key-manager's own waiting: reads that ride together, rounds, queues. None may lose it or mix it up.
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '@zonehold/primitives';
import { currentTrace, Traces } from '@zonehold/telemetry';
import { makeKey, requestOf, send, startRegion, succeeded } from './testing/key-managers.ts';

describe('the trace of a request', () => {
  it('is the one in which its crypto-worker is called, for many requests at once', async () => {
    const test = await startRegion();
    const keyRef = await makeKey(test);
    const traces = new Traces(new SeededRandom(3));
    const called: string[] = [];
    const wrap = test.crypto.wrap.bind(test.crypto);
    test.crypto.wrap = (...call) => {
      called.push(currentTrace()?.traceId ?? 'none');
      return wrap(...call);
    };
    const asked = await Promise.all(
      Array.from({ length: 20 }, () =>
        traces.begin(undefined, async () => {
          const request = requestOf(test, 'wrapKey', { keyRef, body: { aad: [] } });
          succeeded(await send(test.here, request));
          return currentTrace()?.traceId;
        }),
      ),
    );
    expect(called.toSorted()).toEqual(asked.toSorted());
    expect(new Set(called).size).toBe(20);
  });
});
