// A small proof that this worker can still do its work: it unseals, wraps and unwraps with keys of its own.
import {
  open,
  seal,
  sealingKey,
  SecretBytes,
  unwrap,
  wrap,
  wrappingKey,
  type WrappingKey,
} from '@zonehold/crypto';
import type { Room } from './room.ts';

const binding = { purpose: 'instance-key', instanceId: 'canary' } as const;
const dek = Buffer.alloc(32, 0x5a);

/** Sings when asked: about 40 µs. Its keys are thrown away with the process and open nothing of a customer's. */
export class Canary {
  readonly #room: Room;
  readonly #sealed: Buffer;
  readonly #key: WrappingKey;

  constructor(room: Room) {
    this.#room = room;
    const secret = SecretBytes.take(room.pool.bytes(32));
    this.#sealed = seal(room.root.sealingKey, room.root.place, binding, secret, room.pool);
    this.#key = wrappingKey(secret);
  }

  /** Sentences what is wrong; empty when all is well. */
  reasons(): readonly string[] {
    const { root, pool } = this.#room;
    const secret = open(root.sealingKey, root.place, binding, this.#sealed);
    if (secret === undefined) return ['The region root no longer opens what it sealed.'];
    sealingKey(secret);
    const opened = unwrap([this.#key], wrap(this.#key, dek, ['canary'], pool), ['canary']);
    return opened?.plaintext.equals(dek) === true ? [] : ['A wrapped key does not unwrap.'];
  }
}
