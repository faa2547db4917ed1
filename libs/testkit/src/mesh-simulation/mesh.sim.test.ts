// The mesh's policies in a simulated region: what must hold while zones are lost, grey, full or sick, and that the judge can say no.
import { describe, expect, it } from 'vitest';
import { balancerPolicyDefaults, retryPolicyDefaults } from '@zonehold/mesh';
import { plotOf } from './plot.ts';
import { between } from './report.ts';
import { meshScenarioNames } from './scenarios.ts';
import { judgeMesh, meshPlanSmall, simulateMesh, type MeshPlan } from './simulate-mesh.ts';

const seeds = [1, 2];

describe.each(meshScenarioNames)('%s', (name) => {
  it.each(seeds)('keeps its promises, seed %i', (seed) => {
    expect(judgeMesh(name, simulateMesh(name, meshPlanSmall, seed))).toEqual([]);
  });
});

describe('a simulated mesh', () => {
  it('is the same twice, to the byte, and another with another seed', () => {
    const [first, second, other] = [7, 7, 8].map((seed) =>
      simulateMesh('gray-zone', meshPlanSmall, seed),
    );
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    expect(plotOf(first!)).toBe(plotOf(second!));
    expect(JSON.stringify(first)).not.toBe(JSON.stringify(other));
  });

  it('keeps its promises in five zones', () => {
    const plan: MeshPlan = { ...meshPlanSmall, zones: 5, gateways: 10, keyManagers: 10 };
    for (const name of meshScenarioNames)
      expect(judgeMesh(name, simulateMesh(name, plan, 1)), name).toEqual([]);
  });

  it('does so with one key-manager in each zone, as a small region has', () => {
    const plan = { ...meshPlanSmall, gateways: 3, keyManagers: 3, requestsPerSecond: 500 };
    for (const name of meshScenarioNames)
      expect(judgeMesh(name, simulateMesh(name, plan, 1)), name).toEqual([]);
  });

  it('panics when all zones are sick, and uses all of them', () => {
    const sick = between(simulateMesh('retry-storm', meshPlanSmall, 1), 12, 20);
    expect(sick.some(({ gatewaysInPanic }) => gatewaysInPanic > 0)).toBe(true);
  });
});

describe('the judge says no', () => {
  it('to gray zones without ejection', () => {
    const never = Number.MAX_SAFE_INTEGER;
    const outlier = {
      ...balancerPolicyDefaults.outlier,
      consecutiveFailuresMax: never,
      volumeMin: never,
    };
    const plan = { ...meshPlanSmall, balancer: { ...balancerPolicyDefaults, outlier } };
    expect(judgeMesh('gray-zone', simulateMesh('gray-zone', plan, 1))).not.toEqual([]);
  });

  it('to a return without slow start', () => {
    const outlier = { ...balancerPolicyDefaults.outlier, rampFrom: 1, probesMin: 0 };
    const plan = { ...meshPlanSmall, balancer: { ...balancerPolicyDefaults, outlier } };
    const report = simulateMesh('thundering-return', plan, 1);
    expect(judgeMesh('thundering-return', report)).not.toEqual([]);
  });

  it('to retries without budget and tokens in a storm', () => {
    const retries = {
      retryBudget: { ...retryPolicyDefaults.retryBudget, ratio: 10 },
      retryTokens: { max: 1_000_000_000, perSuccess: 1 },
    };
    const report = simulateMesh('retry-storm', { ...meshPlanSmall, retries }, 1);
    expect(judgeMesh('retry-storm', report)).not.toEqual([]);
  });

  it('to a queue that is longer than callers wait: full, it serves only those who have left', () => {
    const report = simulateMesh('overload', { ...meshPlanSmall, queueMs: 2_000 }, 1);
    expect(judgeMesh('overload', report)).not.toEqual([]);
  });
});
