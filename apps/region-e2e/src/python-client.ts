// IBM's own Python client, installed from clients/python into a virtual environment of its own.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientEnvironment, tellStory, type Seen } from './client-process.ts';
import type { TestRegion } from './region.ts';

const run = promisify(execFile);
const sources = join(import.meta.dirname, '../clients/python');
/** Ten small wheels from the package index. */
const installTimeoutMs = 170_000;

export class PythonClient {
  readonly #folder = mkdtempSync(join(tmpdir(), 'zonehold-python-client-'));

  /** Installs the versions of requirements.txt. */
  async install(): Promise<void> {
    const options = { timeout: installTimeoutMs };
    await run('python3', ['-m', 'venv', this.#folder], options);
    const requirements = join(sources, 'requirements.txt');
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await run(this.#python, [...pip, '--requirement', requirements], options);
  }

  /** Runs one story of clients/python. */
  tell(story: string, region: TestRegion): Promise<Seen> {
    return tellStory(this.#python, [join(sources, 'story.py'), story], {
      ...clientEnvironment(region, ''),
      REQUESTS_CA_BUNDLE: region.certificateAuthority,
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #python(): string {
    return join(this.#folder, 'bin', 'python3');
  }
}
