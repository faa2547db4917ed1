// Rival rebuild controllers: one stops at a step of a rebuild, another finishes it, the zone is wiped again, and what was
// stopped arrives late. Named steps here; every single message is rivals.sim.test.ts.
import { stampConfiguration } from '@zonehold/caspaxos';
import { Deadline } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { credulousRules } from './broken-acceptors.ts';
import { realRules } from './acceptor-host.ts';
import { decideAlone, fixIncarnations } from './broken-rebuilds.ts';
import { atStep, playRivals, stops, wipes, type RivalSchedule } from './rivals.ts';
import { Scene } from './scene.ts';
import { memberOf } from './memory-store.ts';
import { watchedRules } from './watched-rules.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;

/** The step, the effects that lead to it, and what the three zones hold when it is reached. */
type Step = readonly [string, readonly string[], readonly (number | 'empty' | 'blank')[]];

const ofAnEmptyDisk: readonly Step[] = [
  ['the eviction is meant, but not decided', ['decide 2'], [1, 1, 'empty']],
  [
    'the eviction is decided by one acceptor',
    [`decide 2`, `accept region/configuration ${b}`],
    [1, 1, 'empty'],
  ],
  ['the eviction is decided, and installed nowhere', [`install 2 ${a}`], [1, 1, 'empty']],
  ['the eviction is installed on one voter only', [`install 2 ${b}`], [2, 1, 'empty']],
  ['the empty disk is to be formatted', [`format ${c}`], [2, 2, 'empty']],
  ['the disk is blank, and not admitted', ['decide 3'], [2, 2, 'blank']],
  ['the learner is admitted, and that is installed nowhere', [`install 3 ${a}`], [2, 2, 'blank']],
  ['the learner is admitted on one voter only', [`install 3 ${b}`], [3, 2, 'blank']],
  ['the learner itself does not know yet', [`install 3 ${c}`], [3, 3, 'blank']],
  [
    'half of the registers are sealed',
    [`install 3 ${c}`, `accept instance-1/quiet ${c}`],
    [3, 3, 3],
  ],
  ['everything is sealed, and the promotion is not decided', ['decide 4'], [3, 3, 3]],
  ['the promotion is decided, and installed nowhere', [`install 4 ${a}`], [3, 3, 3]],
  ['the promotion is installed on one voter only', [`install 4 ${b}`], [4, 3, 3]],
  ['the zone itself does not know that it votes', [`install 4 ${c}`], [4, 4, 3]],
  [
    'the rebuild is done, and not closed',
    [`install 4 ${c}`, `accept region/rebuild ${a}`],
    [4, 4, 4],
  ],
];

const ofAnOldDisk: readonly Step[] = [
  ['the old disk is to be reincarnated', [`reincarnate ${c}`], [2, 2, 1]],
  ['the disk is blank, and not admitted', ['decide 3'], [2, 2, 'blank']],
];

async function expectHarmless(schedule: Omit<RivalSchedule, 'stopsBefore'>, [, steps, then]: Step) {
  const end = await playRivals({ ...schedule, stopsBefore: atStep(...steps) });
  expect(end.stoppedBefore, 'the step was not reached').toContain(steps.at(-1));
  // While only one message is late the process goes on, so that the step is passed.
  if (schedule.stop !== 'late') expect(end.epochsThen).toEqual(then);
  expect(end.violations, JSON.stringify(schedule)).toEqual([]);
}

describe('a rebuild whose controller stops when', () => {
  it.each(ofAnEmptyDisk)(
    '%s is finished by another, and what comes late harms nothing',
    async (...step) => {
      for (const stop of stops) {
        for (const wipedAgain of wipes) await expectHarmless({ stop, wipedAgain }, step);
      }
    },
  );
});

describe('a rebuild of an old disk whose controller stops when', () => {
  it.each(ofAnOldDisk)(
    '%s is finished by another, and what comes late harms nothing',
    async (...step) => {
      for (const stop of stops) {
        for (const wipedAgain of wipes) {
          await expectHarmless({ stop, wipedAgain, isOnOldDisk: true }, step);
        }
      }
    },
  );
});

describe('an incarnation fixed before the disk is formatted', () => {
  const late: RivalSchedule = {
    ...{ stop: 'frozen', wipedAgain: 'afterwards' },
    stopsBefore: atStep(`format ${c}`),
  };

  it('comes back without its promises when a rival formats late', async () => {
    const { violations } = await playRivals(late, { wrapDisks: fixIncarnations });
    expect(violations.join()).toContain('came back without its promises');
  });

  it('loses acknowledged writes when sequences are not compared either', async () => {
    const stopsBefore = atStep(`format ${c}`);
    const { violations } = await playRivals(
      { ...late, stopsBefore },
      { wrapDisks: fixIncarnations, standingOf: () => 'voter' },
    );
    expect(violations.join()).toMatch(/of (one|two|three) is lost/);
  });
});

describe('two controllers that want different configurations of one epoch', () => {
  const without = (zone: string) => ({
    epoch: 2,
    voters: [a, b, c].filter((other) => other !== zone).map(memberOf),
    learner: null,
  });

  /** One evicts C and the other B, each before it hears of the other; what was violated, and what each works under. */
  async function evictBoth(isAlone: boolean) {
    const violations: string[] = [];
    const rules = isAlone ? credulousRules : realRules;
    const scene: Scene = new Scene({
      acceptorRules: watchedRules(rules, (violation) => violations.push(violation)),
      controllerStore: (store, authenticator) =>
        isAlone
          ? decideAlone(store, authenticator, (_store, next) => {
              for (const host of scene.region.hosts) {
                const { self, stamp } = host.state.header!;
                host.decide(host.rules.installConfiguration(host.state, self, stamp, next));
              }
            })
          : store,
    });
    const processes = [c, b].map((zone) => ({ zone, process: scene.process() }));
    const from = stampConfiguration(
      JSON.parse(scene.region.configuration.text) as ReturnType<typeof without>,
      scene.region.authenticator,
    ).stamp;
    const decided = await scene.ended(
      Promise.all(
        processes.map(async ({ zone, process }) => {
          const deadline = Deadline.after(scene.time, 2_000);
          return process.controllerStore.reconfigure(from, without(zone), deadline);
        }),
      ),
    );
    return { violations, texts: new Set(decided.map(({ configuration }) => configuration.text)) };
  }

  it('get the same one from the register', async () => {
    const { violations, texts } = await evictBoth(false);
    expect(texts.size).toBe(1);
    expect(violations).toEqual([]);
  });

  it('make two of it when they ask nobody, and that is seen', async () => {
    const { violations } = await evictBoth(true);
    expect(violations).toContain('two configurations of epoch 2');
  });
});
