// One process's share of the seeds: `seeds-worker.ts <from> <count> <operations>` prints a CampaignSummary as JSON.
import { runSeeds } from '@zonehold/testkit';

const [from = 1, count = 0, operationCount = 300] = process.argv.slice(2).map(Number);
/** Progress to stderr, every so many seeds. */
const saidEvery = 2_000;

const summary = await runSeeds({
  from,
  count,
  operationCount,
  onSeed: (seed) => {
    const done = seed - from + 1;
    if (done % saidEvery === 0) process.stderr.write(`· seeds from ${from}: ${done} of ${count}\n`);
  },
});
process.stdout.write(`${JSON.stringify(summary)}\n`);
