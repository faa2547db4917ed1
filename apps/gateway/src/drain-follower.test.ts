// What a gateway makes of the drains that monitors tell of, and of monitors that are gone.
import { createLog } from '@zonehold/telemetry';
import type { MeshClient, ZoneDrain } from '@zonehold/mesh';
import { KmsError, ManualClock } from '@zonehold/primitives';
import { expect, it } from 'vitest';
import { DrainFollower } from './drain-follower.ts';

/** A follower of monitors that answer what `answer` gives. */
function follow(answer: (clock: ManualClock) => Promise<unknown>) {
  const clock = new ManualClock();
  const applied: (readonly ZoneDrain[])[] = [];
  const lines: string[] = [];
  const asked: unknown[] = [];
  const monitors = {
    call: async (...question: unknown[]) => {
      asked.push(question.slice(0, 2));
      return { reply: await answer(clock), zone: 'z1', attempts: 1 };
    },
  } as Pick<MeshClient, 'call'>;
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({
    ...{ service: 'gateway', zone: 'z1', region: 'r', level: 'info', destination },
  });
  const apply = (drains: readonly ZoneDrain[]): void => void applied.push(drains);
  return {
    clock,
    applied,
    lines,
    asked,
    follower: new DrainFollower({ monitors, apply, clock, log }),
  };
}

it('counts the time that is left from the question, so that a slow answer makes no drain longer', async () => {
  const { clock, applied, asked, follower } = follow(async (time) => {
    time.advance(400);
    return { drains: [{ zone: 'z2', reason: 'new kernel', remainingMs: 60_000 }] };
  });
  const startMs = clock.monotonicMs();
  await follower.look();
  expect(asked).toEqual([['health-monitor', 'health-monitor.drains']]);
  expect(applied).toEqual([[{ zone: 'z2', untilMs: startMs + 60_000 }]]);
});

it('leaves what is in force when nobody answers, and says so once', async () => {
  let answer: () => Promise<unknown> = async () => ({ drains: [] });
  const { applied, lines, follower } = follow(() => answer());
  await follower.look();
  answer = () => Promise.reject(new KmsError('UNAVAILABLE', 'no monitor'));
  await follower.look();
  await follower.look();
  expect(applied).toEqual([[]]);
  expect(lines.filter((line) => line.includes('"drains.unknown"'))).toHaveLength(1);
  answer = async () => ({ drains: [] });
  await follower.look();
  expect(applied).toHaveLength(2);
  expect(lines.at(-1)).toContain('"drains.known"');
});

it.each([
  [null],
  [{}],
  [{ drains: [{ zone: 'z2' }] }],
  [{ drains: [{ zone: 'z2', remainingMs: 73 * 3_600_000 }] }],
  [{ drains: Array.from({ length: 10 }, () => ({ zone: 'z2', remainingMs: 1 })) }],
])('takes nothing from an answer that is none: %j', async (reply) => {
  const { applied, follower } = follow(async () => reply);
  await follower.look();
  expect(applied).toEqual([]);
});

it('asks no second time while the first question is open', async () => {
  const open = Promise.withResolvers<unknown>();
  const { asked, follower } = follow(() => open.promise);
  const looks = [follower.look(), follower.look()];
  open.resolve({ drains: [] });
  await Promise.all(looks);
  expect(asked).toHaveLength(1);
});
