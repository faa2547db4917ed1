// Key pairs for import tokens, made ahead: a request should not wait a second for one (docs/decisions/0018). One is made at a time,
// on one of the four threads of Node's pool, so that signatures and openings go on beside it.
import type { ImportKeyPair } from '@zonehold/crypto';
import { KmsError, type Deadline } from '@zonehold/primitives';

/** Requests that wait for a pair at most: the last of them would wait as many seconds, longer than any deadline. */
export const waitingMax = 8;

interface Waiting {
  readonly deadline: Deadline;
  readonly take: (pair: ImportKeyPair) => void;
  readonly fail: (error: KmsError) => void;
}

/** Makes nothing before it is told to or a first pair is taken; from then on it keeps `readyMax` of them ready. */
export class ImportKeyStock {
  readonly #make: () => Promise<ImportKeyPair>;
  readonly #readyMax: number;
  readonly #ready: ImportKeyPair[] = [];
  readonly #waiting: Waiting[] = [];
  #isFilling = false;
  #isMaking = false;

  constructor(make: () => Promise<ImportKeyPair>, readyMax: number) {
    this.#make = make;
    this.#readyMax = readyMax;
  }

  get ready(): number {
    return this.#ready.length;
  }

  /** Starts to keep pairs ready. May be called twice. */
  fill(): void {
    this.#isFilling = true;
    this.#makeOn();
  }

  /**
   * A pair that nobody else gets: one that is ready, or the next. OVERLOADED when too many wait already, DEADLINE_EXCEEDED when it
   * came too late (said when it comes: until then the caller's own deadline speaks), INTERNAL when none can be made.
   */
  take(deadline: Deadline): Promise<ImportKeyPair> {
    const pair = this.#ready.shift();
    if (pair === undefined && this.#waiting.length >= waitingMax) {
      const error = new KmsError('OVERLOADED', 'Too many import tokens are being made.');
      return Promise.reject(error);
    }
    const taken =
      pair === undefined
        ? new Promise<ImportKeyPair>((take, fail) => {
            this.#waiting.push({ deadline, take, fail });
          })
        : Promise.resolve(pair);
    this.fill();
    return taken;
  }

  #isWanted(): boolean {
    return this.#waiting.length > 0 || (this.#isFilling && this.#ready.length < this.#readyMax);
  }

  #makeOn(): void {
    if (this.#isMaking || !this.#isWanted()) return;
    this.#isMaking = true;
    this.#make().then(
      (pair) => {
        this.#isMaking = false;
        this.#give(pair);
        this.#makeOn();
      },
      (cause: unknown) => {
        this.#isMaking = false;
        // Not tried again before somebody asks: what is broken would be tried for ever.
        this.#isFilling = false;
        const error = new KmsError('INTERNAL', 'No import key pair could be made.', { cause });
        for (const { fail } of this.#waiting.splice(0)) fail(error);
      },
    );
  }

  /** To the first who still waits; into the stock when nobody does. */
  #give(pair: ImportKeyPair): void {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (this.#ready.length < this.#readyMax) this.#ready.push(pair);
        else pair.privateKey.wipe();
        return;
      }
      if (!next.deadline.hasPassed()) {
        next.take(pair);
        return;
      }
      next.fail(new KmsError('DEADLINE_EXCEEDED', 'No import key pair was ready in time.'));
    }
  }
}
