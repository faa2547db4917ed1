// Messages that vanish on their way, in a region that was started with --faults: its rules lie in a directory, one file each (docs/faults.md).
import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One end of a way; what is not said is anybody. */
export interface Party {
  readonly zone?: string;
  readonly service?: string;
}

/** Everything from one to the other. */
export interface Way {
  readonly from: Party;
  readonly to: Party;
}

/** A test that forgets them must not leave them for long. */
const lastMs = 120_000;

export class BlackHoles {
  readonly #directory: string;

  constructor(regionDir: string) {
    this.#directory = join(regionDir, 'faults');
  }

  /** Requests, replies, pings and connections on these ways are lost without a word. */
  open(ways: readonly Way[]): void {
    for (const way of ways) {
      const id = `f-${randomBytes(4).toString('hex')}`;
      const rule = {
        ...{ id, ...way, legs: 'both', action: { kind: 'black-hole' }, percent: 100 },
        ...{ end: 'sender', reason: 'a test' },
        startedAt: new Date().toISOString(),
        expiresAt: new Date(Date.now() + lastMs).toISOString(),
      };
      const path = join(this.#directory, `${id}.json`);
      writeFileSync(`${path}.new`, JSON.stringify(rule));
      renameSync(`${path}.new`, path);
    }
  }

  close(): void {
    for (const name of readdirSync(this.#directory)) rmSync(join(this.#directory, name));
  }
}
