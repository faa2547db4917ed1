// `npm run bench`: a region of its own or a given one, the bench, the figures. Exits with 1 when any answer was wrong.
import { runBench } from './bench.ts';
import { accessFrom, readClientEnv } from './client-env.ts';
import { parseOptions, type BenchOptions } from './options.ts';
import { startOwnRegion, type Memory } from './own-region.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const options = parseOptions(process.argv.slice(2));
if (typeof options === 'string') {
  say(options);
  process.exitCode = 2;
} else {
  const isGood =
    options.url === undefined
      ? await benchOwnRegion(options)
      : await benchGiven(options, options.url);
  if (!isGood) say('Some requests failed: the figures do not count.');
  process.exitCode = isGood ? 0 : 1;
}

async function benchGiven(given: BenchOptions, url: string): Promise<boolean> {
  const env = given.clientEnvPath === undefined ? process.env : readClientEnv(given.clientEnvPath);
  return runBench(accessFrom(env, url), given, say);
}

async function benchOwnRegion(given: BenchOptions): Promise<boolean> {
  say('starting a region of three zones');
  const region = await startOwnRegion();
  // Ctrl-C must not leave fifteen processes behind.
  const interrupted = (): void => void region.stop().then(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    say(`start-up ${region.startUpS.toFixed(1)} s, memory ${describe(await region.memory())}`);
    const isGood = await runBench(region.access, given, say);
    say(`memory after the load ${describe(await region.memory())}`);
    return isGood;
  } finally {
    await region.stop();
  }
}

function describe({ residentMiB, proportionalMiB }: Memory): string {
  const once = `${proportionalMiB.toFixed(0)} MiB with shared pages counted once`;
  return `${residentMiB.toFixed(0)} MiB resident in all processes (${once})`;
}
