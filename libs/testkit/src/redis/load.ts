// Clients of a register store that keep a fault company: they count up registers of their own, read them back, and note every
// refusal and wrong answer. One process, one store; not a measurement.
import type { RegisterId, RegisterStore } from '@zonehold/caspaxos';
import { Deadline, systemClock } from '@zonehold/primitives';

/** The deadline of each operation. */
export const soon = (): Deadline => Deadline.after(systemClock, 3_000);

export const idOf = (number: number): RegisterId => ({
  scope: `instance-${number % 3}`,
  name: `key/${number}`,
});

export async function write(store: RegisterStore, id: RegisterId, value: string): Promise<void> {
  await store.change(
    id,
    () => ({ kind: 'write', value, summary: '{}', result: undefined }),
    soon(),
  );
}

export async function valueOf(
  store: RegisterStore,
  id: RegisterId,
): Promise<string | null | undefined> {
  return (await store.read([id], soon()))[0]?.value;
}

export class Load {
  /** What a client should not have seen. */
  readonly failures: string[] = [];
  /** The last count that each client was told is written. */
  readonly acknowledged = new Map<number, number>();
  operations = 0;
  #isOver = false;
  readonly #clients: readonly Promise<void>[];

  /** Starts at once; client n works on `idOf(n)`. */
  constructor(store: RegisterStore, clients: number) {
    this.#clients = Array.from({ length: clients }, (_, client) => this.#run(store, client));
  }

  /** A condition that holds once `count` more operations have ended than when this was called. */
  progress(count: number): () => boolean {
    const target = this.operations + count;
    return () => this.operations >= target;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #run(store: RegisterStore, client: number): Promise<void> {
    for (let count = 1; !this.#isOver; count += 1) {
      try {
        await write(store, idOf(client), String(count));
        this.acknowledged.set(client, count);
        const value = await valueOf(store, idOf(client));
        if (value !== String(count))
          this.failures.push(`read ${value ?? 'nothing'}, wrote ${count}`);
      } catch (error) {
        this.failures.push((error as Error).message);
      }
      this.operations += 2;
    }
  }
}
