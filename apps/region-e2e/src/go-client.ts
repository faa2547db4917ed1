// IBM's own Go client, built from clients/go.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientEnvironment, tellStory, type Seen } from './client-process.ts';
import type { TestRegion } from './region.ts';

const run = promisify(execFile);
const sources = join(import.meta.dirname, '../clients/go');
/** Go's own installer puts it here and leaves PATH to the user. */
const usualPlace = '/usr/local/go/bin/go';
/** Fetching four modules and compiling the standard library once. */
const buildTimeoutMs = 170_000;

export class GoClient {
  readonly #folder = mkdtempSync(join(tmpdir(), 'zonehold-go-client-'));

  /** Fetches the client from the module proxy, at the versions and sums of go.sum, and builds it. */
  async build(): Promise<void> {
    const go = existsSync(usualPlace) ? usualPlace : 'go';
    const options = { cwd: sources, timeout: buildTimeoutMs, env: { ...process.env, GOFLAGS: '' } };
    await run(go, ['build', '-mod=readonly', '-o', this.#program, '.'], options);
  }

  /** Runs one story of clients/go; `env` wins over where the region is. */
  tell(story: string, region: TestRegion, env: NodeJS.ProcessEnv = {}): Promise<Seen> {
    return tellStory(this.#program, [story], {
      ...clientEnvironment(region, '/oidc/token'),
      SSL_CERT_FILE: region.certificateAuthority,
      ...env,
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #program(): string {
    return join(this.#folder, 'client');
  }
}
