// Both load tools against the real echo.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEcho, type Echo } from './echo.ts';
import type { HttpCall } from './kms-client.ts';
import { runNodeLoad, startSteadyLoad } from './steady-load.ts';
import { hasWrk, runWrk } from './wrk.ts';

let echo: Echo;
const answerBytes = 200;
const callOf = (body: string): HttpCall => ({
  method: 'POST',
  url: echo.url,
  headers: { 'x-a': '1' },
  body,
});

beforeAll(async () => {
  echo = await startEcho(answerBytes);
});
afterAll(() => echo.stop());

it('counts good answers of the size that was asked for', async () => {
  const isGood = (status: number, text: string): boolean =>
    status === 200 && text.length === answerBytes;
  const load = startSteadyLoad({ call: callOf('{"a":1}'), ca: echo.ca, connections: 4, isGood });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const counts = await load.stop();
  expect(counts).toMatchObject({ failed: 0, reasons: {} });
  expect(counts.ok).toBeGreaterThan(10);
  expect(counts.latenciesMs).toHaveLength(counts.ok);
});

it('counts failures by their reason', async () => {
  const load = startSteadyLoad({
    call: callOf('{}'),
    ca: echo.ca,
    connections: 2,
    isGood: () => false,
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const counts = await load.stop();
  expect(counts.ok).toBe(0);
  expect(counts.reasons['200']).toBe(counts.failed);
  const refused = startSteadyLoad({
    call: { ...callOf('{}'), url: 'https://127.0.0.1:1/' },
    ca: echo.ca,
    connections: 1,
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(Object.keys((await refused.stop()).reasons)).toEqual(['ECONNREFUSED']);
});

it('measures the same server with wrk, where it is installed, and with Node', async () => {
  const load = { call: callOf('{"plaintext":"AAAA"}'), connections: 4, durationS: 1 };
  const runs = [await runNodeLoad({ ...load, ca: echo.ca })];
  if (await hasWrk()) runs.push(await runWrk(load));
  for (const { requestsPerS, p50Ms, p99Ms, failures } of runs) {
    expect(requestsPerS).toBeGreaterThan(100);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
    expect(failures).toBe(0);
  }
});
