// One bad round breaks what must be right, and not what is judged by its median.
import { describe, expect, it } from 'vitest';
import { judgeRounds, type Round } from './scenario-rounds.ts';

function round(failed: number, detectedS: number | null): Round {
  return {
    ...{ scenario: 'zone-loss', dir: 'somewhere', findings: { requests: 1_000, failed } },
    promises: [
      {
        ...{ class: 'correctness', sentence: 'failed requests', side: 'at most', limit: 0 },
        ...{ measured: failed, isKept: failed === 0 },
      },
      {
        ...{ class: 'timing', sentence: 'until it was seen', side: 'at most', limit: 1 },
        ...{ measured: detectedS, isKept: detectedS !== null && detectedS <= 1 },
      },
    ],
  };
}

describe('rounds of a scenario', () => {
  it('hold when all is right and the median is within its limit', () => {
    const { figures, violations } = judgeRounds([round(0, 0.2), round(0, 9), round(0, 0.4)]);
    expect(violations).toEqual([]);
    expect(figures).toEqual([
      'zone-loss: 3 rounds, 3,000 requests, 0 failed',
      'until it was seen: 0.400 (at most 1)',
    ]);
  });

  it('are broken by one failed request in one of them', () => {
    expect(judgeRounds([round(0, 0.2), round(1, 0.2), round(0, 0.2)]).violations).toEqual([
      'zone-loss: failed requests: 1 (at most 0), somewhere/report.md',
    ]);
  });

  it.each([
    [[round(0, 0.2), round(0, 3), round(0, 2)], '2.000'],
    [[round(0, null), round(0, 0.2), round(0, null)], 'never'],
  ])('are broken by a median beyond its limit', (rounds, shown) => {
    expect(judgeRounds(rounds).violations).toEqual([
      `zone-loss: median of until it was seen: ${shown} (at most 1)`,
    ]);
  });
});
