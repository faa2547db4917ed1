// The scenarios of the checkout are sound, and an unsound one is refused with a sentence that helps.
import { faultSpecSchema } from '@zonehold/faults';
import { describe, expect, it } from 'vitest';
import { planOf } from './plan.ts';
import { parseScenario } from './scenario.ts';
import { listScenarios } from './scenario-files.ts';
import { zones } from './testing.ts';

const scenarios = listScenarios();

const sound = {
  name: 'mine',
  title: 'A scenario of mine',
  hypothesis: 'Nothing happens to anybody.',
  requestsPerSecond: 10,
  quietS: 1,
  recoveryS: 1,
  steps: [{ atS: 0, forS: 1, pause: { zone: '$zone', services: ['redis'] } }],
  promises: { correctness: {}, timing: {} },
};
const parse = (change: object) => parseScenario(JSON.stringify({ ...sound, ...change }), 'mine');

describe('the scenarios of the checkout', () => {
  it('are the eight that there should be', () => {
    expect(scenarios.map(({ name }) => name)).toEqual(
      [
        ...['zone-loss', 'zone-hang', 'gray-zone', 'slow-disk', 'one-way-partition', 'flapping'],
        ...['all-sick', 'thundering-return'],
      ].toSorted(),
    );
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s asks for faults that the injector knows, and promises something',
    (_name, scenario) => {
      for (const { deed } of planOf(scenario, { zones, scale: 1 }).steps) {
        if (deed.kind !== 'fault') continue;
        const spec = { ...deed.rule, reason: scenario.title, scenario: scenario.name };
        expect(faultSpecSchema.safeParse({ ...spec, lastsMs: 1_000 }).error).toBeUndefined();
        expect(JSON.stringify(deed.rule)).not.toContain('$');
      }
      expect(Object.keys(scenario.promises.correctness)).not.toEqual([]);
    },
  );
});

describe('a scenario', () => {
  it('is read when it is sound', () => expect(parse({}).name).toBe('mine'));

  it.each([
    [{ steps: [{ atS: 0, forS: 1 }] }, /steps\.0: must have exactly one of/],
    [
      { steps: [{ atS: 0, forS: 1, load: { times: 2 }, fault: {} }] },
      /steps\.0: must have exactly one of/,
    ],
    [
      { steps: [{ atS: 0, forS: 1, kill: { zone: '$zone', services: ['gateway'] } }] },
      /steps\.0\.kill\.services\.0/,
    ],
    [
      { steps: [{ atS: 0, forS: 1, kill: { zone: 'us-south-1', services: ['redis'] } }] },
      /steps\.0\.kill\.zone/,
    ],
    [
      { steps: [{ atS: 0, forS: 2, repeat: { everyS: 1, times: 2 }, load: { times: 2 } }] },
      /steps\.0\.repeat\.everyS: must not begin again before it has ended/,
    ],
    [{ promises: { correctness: { fastMax: 1 }, timing: {} } }, /promises\.correctness/],
    [{ quietS: 0 }, /quietS: must be more than 0/],
    [{ recoveryS: 3_600 }, /recoveryS/],
  ])('%j is refused', (change, sentence) => expect(() => parse(change)).toThrow(sentence));

  it('that is no YAML is refused as such', () =>
    expect(() => parseScenario('a: [', 'mine.yaml')).toThrow(/^mine\.yaml is no YAML/));
});

describe('a plan', () => {
  it('puts the zones of the region in the place of placeholders, wherever they stand', () => {
    const fault = { from: { zone: '$zone' }, to: { zone: '$another' }, routes: ['$other'] };
    const scenario = parse({ steps: [{ atS: 0, forS: 1, fault }] });
    expect(planOf(scenario, { zones, zone: 'south-3', scale: 1 }).steps[0]?.deed).toEqual({
      kind: 'fault',
      rule: { from: { zone: 'south-3' }, to: { zone: 'south-2' }, routes: ['south-1'] },
    });
  });

  it('spells repeats out, and scales every time', () => {
    const step = { atS: 1, forS: 1, repeat: { everyS: 2, times: 3 }, load: { times: 2 } };
    const plan = planOf(parse({ quietS: 4, recoveryS: 6, steps: [step] }), { zones, scale: 0.5 });
    expect(plan.steps.map(({ startsMs, endsMs }) => [startsMs, endsMs])).toEqual([
      [2_500, 3_000],
      [3_500, 4_000],
      [4_500, 5_000],
    ]);
    expect(plan).toMatchObject({ troubleStartsMs: 2_000, troubleEndsMs: 5_000, endsMs: 8_000 });
  });

  it('takes the trouble to be over when the last harm is, whatever the load does', () => {
    const kill = { atS: 0, forS: 2, kill: { zone: '$zone', services: ['redis'] } };
    const steps = [kill, { atS: 2, forS: 8, load: { times: 2 } }];
    const plan = planOf(parse({ steps }), { zones, scale: 1 });
    expect(plan).toMatchObject({ troubleEndsMs: 3_000, endsMs: 11_000 });
  });

  it('refuses a zone that the region has not', () =>
    expect(() => planOf(parse({}), { zones, zone: 'north-1', scale: 1 })).toThrow(
      'There is no zone north-1; the zones are south-1, south-2, south-3.',
    ));
});
