// The pass over all registers, over a store that is only lists of names: what counts as sealed, and when it ends.
import { KmsError, ManualClock } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { rowKey } from '../acceptor.ts';
import type { ReconfigurableStore, RegisterId } from '../register-store.ts';
import { runSealPass, type SealEnd, type SealOptions } from './seal-pass.ts';

const stamp = '0000000000000003:0123456789abcdef0123456789abcdef';

/** Names of registers, with the voters and with the learner. */
class NamesOnly {
  readonly voters = new Map<string, RegisterId>();
  readonly learner = new Map<string, RegisterId>();
  readonly resealed: string[] = [];
  /** Runs when a list has been read, before it is handed over. */
  afterScan: () => void = () => undefined;

  make(name: string, holders = [this.voters, this.learner]): void {
    const id = { scope: 'scope', name };
    for (const holder of holders) holder.set(rowKey(id), id);
  }

  async #listOf(holder: ReadonlyMap<string, RegisterId>): Promise<readonly RegisterId[]> {
    const ids = [...holder.values()];
    this.afterScan();
    return ids;
  }

  seal(options: Partial<SealOptions> = {}): Promise<SealEnd> {
    const configuration = { stamp, members: { epoch: 3 } };
    const store: Partial<ReconfigurableStore> = {
      configuration: () => configuration as ReturnType<ReconfigurableStore['configuration']>,
      scan: () => this.#listOf(this.voters),
      scanLearner: () => this.#listOf(this.learner),
      reseal: async (id) => {
        this.resealed.push(id.name);
        this.learner.set(rowKey(id), id);
        return { epoch: 3, ballot: '', zones: [], isEverywhere: true };
      },
    };
    return runSealPass({
      store: store as ReconfigurableStore,
      clock: new ManualClock(),
      timers: { schedule: (_delayMs, task) => (setImmediate(task), () => undefined) },
      ...{ stamp, earlier: undefined, concurrency: 2 },
      save: async () => true,
      isStopping: () => false,
      ...options,
    });
  }
}

describe('the pass of a rebuild', () => {
  it('seals what the voters hold and what only the learner holds', async () => {
    const names = new NamesOnly();
    names.make('old', [names.voters]);
    names.make('of an earlier life', [names.learner]);
    expect(await names.seal()).toBe('complete');
    expect(names.resealed).toEqual(['of an earlier life', 'old']);
  });

  it('ends although registers are made during every one of its scans', async () => {
    const names = new NamesOnly();
    names.make('old', [names.voters]);
    let made = 0;
    names.afterScan = () => names.make(`new ${(made += 1)}`);
    expect(await names.seal()).toBe('complete');
  });

  it('seals a register that came up meanwhile and that the learner missed', async () => {
    const names = new NamesOnly();
    names.make('old', [names.voters]);
    let scans = 0;
    names.afterScan = () => (scans += 1) === 2 && names.make('missed', [names.voters]);
    expect(await names.seal()).toBe('complete');
    expect(names.resealed).toEqual(['old', 'missed']);
  });

  it('is interrupted for all its workers by one save that fails', async () => {
    const names = new NamesOnly();
    for (let count = 0; count < 50; count += 1) names.make(`key ${count}`, [names.voters]);
    let saves = 0;
    const clock = new ManualClock();
    const save = async (): Promise<boolean> => {
      saves += 1;
      if (saves > 1) throw new KmsError('UNAVAILABLE', 'no majority');
      clock.advance(60_000);
      return true;
    };
    // The clock moves at each look, so that a save is due after each register.
    const ticking = {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => (clock.advance(5_000), clock.monotonicMs()),
    };
    expect(await names.seal({ save, clock: ticking })).toBe('interrupted');
    expect(names.resealed.length).toBeLessThan(10);
  });

  it('stops where another controller has recorded more', async () => {
    const names = new NamesOnly();
    names.make('old', [names.voters]);
    expect(await names.seal({ save: async () => false })).toBe('superseded');
    expect(names.resealed).toEqual([]);
  });
});
