// Key pairs for import tokens, made ahead: a request should not wait a second for one (docs/decisions/0018). One is made at a time,
// on one of the four threads of Node's pool, so that signatures and openings go on beside it.
import type { ImportKeyPair } from '@zonehold/crypto';
import { KmsError, type Deadline } from '@zonehold/primitives';

/** Requests that wait for a pair at most: the last of them would wait as many seconds. */
export const waitingMax = 8;

/**
 * A request is told so long before its deadline that it waited in vain, so that the answer arrives. A caller that ran out of time
 * would count it against this worker (the mesh's circuit), who is busy and not broken.
 */
export const answerTimeMs = 100;

/** Runs `run` after `delayMs`, once, unless what it returns is called before. */
export type Later = (delayMs: number, run: () => void) => () => void;

interface Waiting {
  readonly take: (pair: ImportKeyPair) => void;
  readonly fail: (error: KmsError) => void;
}

const later: Later = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/** Makes nothing before it is told to or a first pair is taken; from then on it keeps `readyMax` of them ready. */
export class ImportKeyStock {
  readonly #make: () => Promise<ImportKeyPair>;
  readonly #readyMax: number;
  readonly #later: Later;
  readonly #ready: ImportKeyPair[] = [];
  readonly #waiting: Waiting[] = [];
  #isFilling = false;
  #isMaking = false;

  constructor(make: () => Promise<ImportKeyPair>, readyMax: number, wait = later) {
    this.#make = make;
    this.#readyMax = readyMax;
    this.#later = wait;
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
   * A pair that nobody else gets: one that is ready, or the next. OVERLOADED, which asks the caller to try another worker, when too many
   * wait already or none came in time; CANCELLED when nobody waits for it any more; INTERNAL when none can be made.
   */
  take(deadline: Deadline): Promise<ImportKeyPair> {
    deadline.refuseCancelled();
    const pair = this.#ready.shift();
    if (pair === undefined && this.#waiting.length >= waitingMax) {
      const error = new KmsError('OVERLOADED', 'Too many import tokens are being made.');
      return Promise.reject(error);
    }
    const taken = pair === undefined ? this.#wait(deadline) : Promise.resolve(pair);
    this.fill();
    return taken;
  }

  #wait(deadline: Deadline): Promise<ImportKeyPair> {
    return new Promise((resolve, reject) => {
      const give = (error: KmsError): void => {
        const at = this.#waiting.indexOf(waiting);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        end();
        reject(error);
      };
      const waiting: Waiting = {
        take: (pair) => {
          end();
          resolve(pair);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      this.#waiting.push(waiting);
      const unschedule = this.#later(Math.max(deadline.remainingMs() - answerTimeMs, 0), () =>
        give(new KmsError('OVERLOADED', 'No import key pair was ready in time.')),
      );
      const leave = deadline.onCancel(() =>
        give(new KmsError('CANCELLED', 'Nobody waits for the import key pair any more.')),
      );
      const end = (): void => {
        unschedule();
        leave();
      };
    });
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

  /** To the first who waits; into the stock when nobody does any more. */
  #give(pair: ImportKeyPair): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next.take(pair);
    else if (this.#ready.length < this.#readyMax) this.#ready.push(pair);
    else pair.privateKey.wipe();
  }
}
