// IBM's own Go client, built from clients/go and run as a process of its own against the region.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestRegion } from './region.ts';

const run = promisify(execFile);
const sources = join(import.meta.dirname, '../clients/go');
/** Go's own installer puts it here and leaves PATH to the user. */
const usualPlace = '/usr/local/go/bin/go';
/** Fetching four modules and compiling the standard library once. */
const buildTimeoutMs = 170_000;
/** The client retries for at most 15 s, with 30 s for each request. */
const storyTimeoutMs = 60_000;

/** What a story printed: its members are up to the story (clients/go). */
export type Seen = Readonly<Record<string, unknown>>;

/** The built client. `tell` runs one of its stories and fails with the client's own words. */
export class GoClient {
  readonly #folder = mkdtempSync(join(tmpdir(), 'zonehold-go-client-'));

  /** Fetches the client from the module proxy, at the versions and sums of go.sum, and builds it. */
  async build(): Promise<void> {
    const go = existsSync(usualPlace) ? usualPlace : 'go';
    const options = { cwd: sources, timeout: buildTimeoutMs, env: { ...process.env, GOFLAGS: '' } };
    await run(go, ['build', '-mod=readonly', '-o', this.#program, '.'], options);
  }

  async tell(story: string, region: TestRegion, env: NodeJS.ProcessEnv = {}): Promise<Seen> {
    const { url, instanceId } = region;
    const { stdout } = await run(this.#program, [story], {
      timeout: storyTimeoutMs,
      env: {
        ...{ PATH: process.env['PATH'], SSL_CERT_FILE: region.certificateAuthority },
        KEY_PROTECT_URL: url,
        KEY_PROTECT_TOKEN_URL: `${url}/oidc/token`,
        KEY_PROTECT_API_KEY: region.apiKey('MANAGER'),
        KEY_PROTECT_INSTANCE_ID: instanceId,
        ...env,
      },
    });
    return JSON.parse(stdout) as Seen;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #program(): string {
    return join(this.#folder, 'client');
  }
}
