// Rival rebuild controllers, exhaustively: the first stops before each single message of its rebuild (rivals.test.ts has
// the steps with a name).
import { describe, expect, it } from 'vitest';
import { atPosition, playRivals, stops, wipes, type RivalSchedule } from './rivals.ts';

/** Far above the messages of a rebuild of three registers. */
const positionsMax = 500;

/** Violations by the message before which the first controller stopped, and how many messages there were. */
async function sweep(schedule: Omit<RivalSchedule, 'stopsBefore'>) {
  const violations: string[] = [];
  for (let position = 0; position < positionsMax; position += 1) {
    const end = await playRivals({ ...schedule, stopsBefore: atPosition(position) });
    if (end.stoppedBefore === undefined) return { violations, messages: position };
    for (const violation of end.violations)
      violations.push(`before ${position} (${end.stoppedBefore}): ${violation}`);
  }
  throw new Error('the rebuild has no end');
}

const schedules = [false, true].flatMap((isOnOldDisk) =>
  stops.flatMap((stop) => wipes.map((wipedAgain) => ({ stop, wipedAgain, isOnOldDisk }))),
);

describe('a rebuild of which a controller stops before any one message', () => {
  it.each(schedules)(
    'is safe: $stop, wiped again: $wipedAgain, on an old disk: $isOnOldDisk',
    async (schedule) => {
      const { violations, messages } = await sweep(schedule);
      expect(violations).toEqual([]);
      expect(messages).toBeGreaterThan(100);
    },
    60_000,
  );
});
