// The page and the picture of a made-up run.
import { describe, expect, it } from 'vitest';
import { pageOf } from './page.ts';
import { plotOf } from './plots.ts';
import { reportOf } from './report.ts';
import { decision, observations, steadySamples, testPlan } from './testing.ts';

const samples = steadySamples(15, ({ beganMs }) =>
  beganMs === 6_000 || beganMs === 1_000 ? { failure: '503' } : {},
);
const report = reportOf({
  run: {
    observations: observations({ samples, decisions: [decision(5_300)], notSent: 4 }),
    startedAt: '2026-01-01T00:00:00.000Z',
    loadAverage: ['1.00 1.00 1.00', '2.00 1.00 1.00'],
  },
  plan: testPlan(),
  region: 'south',
  commit: 'abc1234',
  binding: ['correctness'],
});

describe('the page', () => {
  const page = pageOf(report, 'report.svg');

  it.each([
    ['says at once what came out', '**1 promises were broken.**'],
    ['says when the fault began and ended', '| 00:00:05.000 | 00:00:10.000 | kill |'],
    ['says what broke', '| failed requests: 2 (at most 0) | correctness | BROKEN |'],
    ['says what was kept', 'until a gateway routed around it: 0.3 s (at most 1 s) | timing | kept'],
    [
      'lists decisions',
      '| 5.300 | gateway south-2 | endpoint.ejected key-manager south-2 consecutive for 5000 ms |',
    ],
    ['names what surprised', '1 requests failed before the trouble began.'],
    ['names what was not sent', '4 requests were not sent: too many were under way.'],
    ['counts each second', '| 6 | 10 | 1 | 10.0 | 10.0 | 1.00 | 0 | 0 | 0 |'],
    ['shows the picture', '](report.svg)'],
  ])('%s', (_what, text) => expect(page).toContain(text));
});

it('a load that stood still says so, for then times say little', () => {
  const standing = steadySamples(15).filter(({ beganMs }) => beganMs < 6_000 || beganMs > 8_000);
  const run = {
    observations: observations({ samples: standing }),
    startedAt: report.startedAt,
    loadAverage: ['', ''],
  } as const;
  const { surprises } = reportOf({
    ...{ run, plan: testPlan(), region: 'south', commit: 'abc1234', binding: ['correctness'] },
  });
  expect(surprises[0]).toContain('The load itself stood still for 2.2 s');
});

it('the picture has a panel for each question', () => {
  const svg = plotOf(report);
  for (const title of ['Success rate', 'Latency, ms', 'Attempts per request', 'verdict'])
    expect(svg).toContain(title);
  expect(svg.match(/<polyline/g)).toHaveLength(1 + 2 + 1 + 3 + 3 + 3);
});
