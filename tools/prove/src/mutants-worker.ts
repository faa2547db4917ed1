// Every broken variant of the simulation, until it is caught: prints MutantSummary[] as JSON.
import { runMutants } from '@zonehold/testkit';

const [seedsMax = 300, operationCount = 300] = process.argv.slice(2).map(Number);
process.stdout.write(`${JSON.stringify(await runMutants(seedsMax, operationCount))}\n`);
