// A client in another language, run as a process of its own: it tells a story to the region and prints what it saw as JSON.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestRegion } from './region.ts';

const run = promisify(execFile);
/** The slowest, Go's, retries for at most 15 s. */
const storyTimeoutMs = 60_000;

/** What a story printed: its members are up to the story (clients/). */
export type Seen = Readonly<Record<string, unknown>>;

/** Where `program` finds the region, as the manager of its instance, and whom it trusts. */
export function clientEnvironment(region: TestRegion, tokenPath: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    KEY_PROTECT_URL: region.url,
    KEY_PROTECT_TOKEN_URL: `${region.url}${tokenPath}`,
    KEY_PROTECT_API_KEY: region.apiKey('MANAGER'),
    KEY_PROTECT_INSTANCE_ID: region.instanceId,
  };
}

/** Runs one story. Fails with the client's own words. */
export async function tellStory(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Seen> {
  const { stdout } = await run(program, args, { timeout: storyTimeoutMs, env });
  return JSON.parse(stdout) as Seen;
}
