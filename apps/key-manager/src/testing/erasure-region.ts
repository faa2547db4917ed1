// For tests only: a region with keys to delete and purge, one eraser over it, and what it has and has not forgotten.
import type { OperationRequest } from '@zonehold/api-contract';
import type { RegisterStore } from '@zonehold/caspaxos';
import type { AofRewriter } from '@zonehold/caspaxos-redis';
import { Deadline, systemRandom } from '@zonehold/primitives';
import { createMemoryStore } from '@zonehold/testkit';
import { openEraser, TestCaches, TestFiles, type TestEraser } from './erasures.ts';
import {
  admin,
  callerOf,
  makeKey,
  requestOf,
  send,
  startRegion,
  succeeded,
  type Credential,
  type TestRegion,
} from './key-managers.ts';

export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

export class ErasureRegion {
  readonly test: TestRegion;
  readonly files: TestFiles;
  readonly caches = new TestCaches();
  readonly eraser: TestEraser;
  readonly #purger: Credential;

  private constructor(test: TestRegion, purger: Credential) {
    this.test = test;
    this.#purger = purger;
    this.files = new TestFiles(test.memory);
    this.eraser = this.open();
  }

  static async start(): Promise<ErasureRegion> {
    const test = await startRegion();
    return new ErasureRegion(test, await test.credential('KeyPurge'));
  }

  /** One more controller, over a store of its own that `decorate` may break. */
  open(
    decorate?: (store: RegisterStore) => RegisterStore,
    aof: AofRewriter = this.files,
  ): TestEraser {
    const { memory, clock } = this.test;
    const real = createMemoryStore({ clock, random: systemRandom, region: memory });
    const zones = memory.hosts.map(({ zone }) => zone);
    return openEraser({ store: decorate?.(real) ?? real, zones, clock, aof, caches: this.caches });
  }

  on(operation: OperationRequest['operation'], keyRef: string): OperationRequest {
    return requestOf(this.test, operation, { keyRef, body: { aad: [] } });
  }

  purgeOf(keyRef: string): OperationRequest {
    return requestOf(this.test, 'purgeKey', { keyRef, caller: callerOf(this.#purger) });
  }

  async deletedKey(): Promise<string> {
    const keyRef = await makeKey(this.test);
    succeeded(await send(this.test.here, this.on('deleteKey', keyRef)));
    this.test.clock.advance(5 * 60 * minuteMs);
    return keyRef;
  }

  async purgedKey(): Promise<string> {
    const keyRef = await this.deletedKey();
    succeeded(await send(this.test.here, this.purgeOf(keyRef)));
    return keyRef;
  }

  /** Passes, each with the rewrites it asked for, and time for the next. */
  async rounds(count: number, controller = this.eraser.controller): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      await controller.pass();
      this.files.finish();
      this.test.clock.advance(minuteMs);
    }
  }

  /** What each acceptor holds of a key, in its own memory. */
  heldBy(keyRef: string): readonly boolean[] {
    return this.test.memory.hosts.map(({ state }) =>
      JSON.stringify(
        [...state.registers.values()].filter((row) => JSON.stringify(row).includes(keyRef)),
      ).includes('sealedMaterial'),
    );
  }

  list() {
    return admin<'list-erasures'>(this.test.elsewhere, { kind: 'list-erasures' });
  }

  async keyRecord(keyRef: string): Promise<string> {
    const id = { scope: this.test.instanceId, name: `key/${keyRef}` };
    const deadline = Deadline.after(this.test.clock, 1_000);
    return (await this.test.here.operations.store.read([id], deadline))[0]?.value ?? '';
  }
}

/** Every controller thinks that it has the lease. */
export const ignoringLease = (store: RegisterStore): RegisterStore => ({
  read: (ids, deadline) => store.read(ids, deadline),
  list: (scope, deadline) => store.list(scope, deadline),
  scan: (prefix, deadline) => store.scan(prefix, deadline),
  zones: () => store.zones(),
  close: () => store.close(),
  reseal: (id, deadline) => store.reseal(id, deadline),
  change: async (id, change, deadline) => {
    const changed = await store.change(id, change, deadline);
    return id.name === 'lease' ? { ...changed, result: true as never } : changed;
  },
});
