// Waits until every service that runs goes by a change of the rules: whoever is told "done" may rely on it.
import { Deadline, systemClock } from '@zonehold/primitives';
import { serviceNames, type FaultsReply, type Topology } from '@zonehold/service-host';
import { askOps } from './ask-ops.ts';

/** Services look five times a second. */
const knownWithinMs = 3_000;
const askEveryMs = 50;

/** Sentences about services that run and do not know yet; empty when all do. What does not run learns it when it starts. */
export async function untilFollowed(
  topology: Topology,
  isKnown: (ids: readonly string[]) => boolean,
): Promise<string[]> {
  const deadline = Deadline.after(systemClock, knownWithinMs);
  const late = await Promise.all(
    topology.zones.flatMap((entry) =>
      serviceNames.map(async (service) => {
        const knows = await untilKnown(
          () => askOps(entry[service], '/faults') as Promise<Partial<FaultsReply> | undefined>,
          isKnown,
          deadline,
        );
        return knows ? [] : [`${service} of ${entry.zone} does not know it yet.`];
      }),
    ),
  );
  return late.flat();
}

async function untilKnown(
  ask: () => Promise<Partial<FaultsReply> | undefined>,
  isKnown: (ids: readonly string[]) => boolean,
  deadline: Deadline,
): Promise<boolean> {
  for (;;) {
    const reply = await ask();
    if (reply === undefined || isKnown((reply.faults ?? []).map(({ id }) => id))) return true;
    if (deadline.hasPassed()) return false;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}
