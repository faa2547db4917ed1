// The arithmetic of a bench, and what it reads from wrk and from client.env.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessFrom, readClientEnv } from './client-env.ts';
import { median, percentile, ratio, summarise, table, type Measurement } from './measurement.ts';
import { parseOptions } from './options.ts';
import { readWrk } from './wrk.ts';

const round = (requestsPerS: number, failures = 0): Measurement => ({
  requestsPerS,
  p50Ms: 1,
  p99Ms: 2,
  failures,
});

describe('figures', () => {
  it('take the middle of the rounds, and add up failures', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(summarise([round(10), round(30, 2), round(20, 1)])).toMatchObject({
      requestsPerS: 20,
      failures: 3,
    });
  });

  it('compare each round with the echo of the same round', () => {
    expect(ratio([round(50), round(10), round(30)], [round(100), round(10), round(100)])).toBe(0.5);
  });

  it('give percentiles of sorted values, also of few', () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(3);
    expect(percentile([1], 0.99)).toBe(1);
    expect(percentile([], 0.5)).toBe(0);
  });

  it('show a row for each contender', () => {
    const text = table({ echo: [round(100)], wrap: [round(40, 1)] });
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/^wrap +40 +1\.00 +2\.00 +1 +40$/m);
  });
});

describe('the output of wrk', () => {
  const good = `Running 1s test @ https://127.0.0.1:1/
  1 threads and 64 connections
  Latency Distribution
     50%  840.00us
     75%    2.01ms
     90%    3.10ms
     99%    1.20s 
  12345 requests in 1.00s, 3.10MB read
Requests/sec:  12345.67
Transfer/sec:      3.10MB
`;
  it('is read with its units', () => {
    expect(readWrk(good)).toEqual({
      requestsPerS: 12_345.67,
      p50Ms: 0.84,
      p99Ms: 1_200,
      failures: 0,
    });
  });

  it('counts bad answers and broken sockets as failures', () => {
    const bad = good.replace(
      'Requests/sec',
      '  Socket errors: connect 1, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 10\nRequests/sec',
    );
    expect(readWrk(bad).failures).toBe(16);
  });

  it('is refused when it is something else', () => {
    expect(() => readWrk('unable to connect')).toThrow('something else');
  });
});

describe('the command line', () => {
  it('has short rounds when asked', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 3, connections: 64 });
    expect(parseOptions(['--rounds', '2', '--url', 'https://x'])).toMatchObject({
      rounds: 2,
      url: 'https://x',
    });
  });

  it.each([[['--rounds', '0']], [['--connections', 'many']], [['--unknown']]])(
    'refuses %j in words',
    (args) => {
      expect(parseOptions(args)).toMatch(/npm run bench/);
    },
  );
});

describe('client.env', () => {
  it('is read with quotes or without, and names what is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zonehold-loadgen-'));
    const path = join(folder, 'client.env');
    const caPath = join(folder, 'ca.crt');
    writeFileSync(caPath, 'PEM');
    const lines = [
      'KEY_PROTECT_URL=https://localhost:1/',
      'export KEY_PROTECT_INSTANCE_ID="i1"',
      "KEY_PROTECT_API_KEY='id.secret'",
      `NODE_EXTRA_CA_CERTS=${caPath}`,
    ];
    writeFileSync(path, `# a region\n${lines.join('\n')}\n`);
    expect(accessFrom(readClientEnv(path))).toEqual({
      url: 'https://localhost:1',
      instanceId: 'i1',
      apiKey: 'id.secret',
      ca: 'PEM',
    });
    writeFileSync(path, 'KEY_PROTECT_URL=https://localhost:1/');
    expect(() => accessFrom(readClientEnv(path))).toThrow('KEY_PROTECT_INSTANCE_ID');
    rmSync(folder, { recursive: true });
  });
});
