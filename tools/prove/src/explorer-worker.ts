// Explores one space by its name: `explorer-worker.ts <name>` prints an ExploreReport as JSON.
import {
  explore,
  longSpaces,
  mistakenSpaces,
  quickSpaces,
  shortcutSpaces,
} from '@zonehold/testkit';

const [name = ''] = process.argv.slice(2);
const all = { ...quickSpaces, ...longSpaces, ...mistakenSpaces, ...shortcutSpaces };
const space = all[name];
if (space === undefined) throw new Error(`there is no space "${name}"`);
process.stdout.write(`${JSON.stringify(explore(space))}\n`);
