// The calls of one connection that a server works on, so that its peer can take one back. By the slot in the peer's number, not in
// a Map: see SlotTable.
import type { Cancellation } from '@zonehold/primitives';

/** A peer's numbers are `slot + n × this` (SlotTable), with a slot for each of its calls under way. */
const slots = 2 ** 16;

interface ServedCall {
  readonly id: number;
  readonly cancellation: Cancellation;
}

/** A peer that gives two calls one number can take back neither or the later one; it harms only itself. */
export class ServedCalls {
  readonly #bySlot: (ServedCall | undefined)[] = [];

  add(id: number, cancellation: Cancellation): void {
    this.#bySlot[slotOf(id)] = { id, cancellation };
  }

  /** The call is over. */
  remove(id: number): void {
    const slot = slotOf(id);
    if (this.#bySlot[slot]?.id === id) this.#bySlot[slot] = undefined;
  }

  /** The peer waits no more for this one; unknown numbers are of calls that were answered meanwhile. */
  cancel(id: number): void {
    const call = this.#bySlot[slotOf(id)];
    if (call?.id === id) call.cancellation.cancel();
  }

  /** The peer is gone. */
  cancelAll(): void {
    for (const call of this.#bySlot.splice(0)) call?.cancellation.cancel();
  }
}

/** Numbers come from JSON: negative ones and fractions must not become other properties of the array. */
function slotOf(id: number): number {
  return Math.abs(Math.trunc(id)) % slots;
}
