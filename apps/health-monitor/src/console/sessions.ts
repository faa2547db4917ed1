// Who may look and act: a token from a file of the region for a session in memory. Time and randomness are arguments. Ids are kept
// as digests only, so that a dump of this process signs nobody in.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '@zonehold/primitives';

export const sessionPolicy = {
  /** A working day. */
  lifeMs: 8 * 3_600_000,
  /** Operators of one region; the oldest session makes room. */
  sessionsMax: 16,
  /** 128 bits in base64url, and more than anybody types. */
  tokenMinChars: 22,
  /** Failed tries at once, and how often one more is granted: a person's slips, and nobody's guesses. */
  failuresMax: 5,
  failureEveryMs: 12_000,
} as const;

export interface Session {
  /** Names the session in logs; signs nobody in. */
  readonly name: string;
  /** Who they said they are. */
  readonly operator: string;
  readonly endsAtMs: number;
}

export type SignIn =
  | { readonly ok: true; readonly id: string; readonly session: Session }
  | { readonly ok: false; readonly reason: 'refused' }
  | { readonly ok: false; readonly reason: 'limited'; readonly retryAfterS: number };

export class Sessions {
  readonly #tokenDigest: Buffer;
  readonly #clock: Clock;
  readonly #random: Random;
  /** By the digest of their id, oldest first. */
  readonly #sessions = new Map<string, Session>();
  #failures = 0;
  #failuresAtMs: number;

  /** Throws when the token is so short that it can be guessed: an emptied file must not let everybody in. */
  constructor(token: string, { clock, random }: { clock: Clock; random: Random }) {
    if (token.length < sessionPolicy.tokenMinChars)
      throw new Error(
        `The console's token has fewer than ${sessionPolicy.tokenMinChars} characters.`,
      );
    this.#tokenDigest = digest(token);
    this.#clock = clock;
    this.#random = random;
    this.#failuresAtMs = clock.monotonicMs();
  }

  /**
   * The comparison takes the same time wherever the first difference is. Wrong tries are limited; the right token is let in all the same, or any
   * program on the machine could keep everybody out.
   */
  signIn(token: string, operator: string): SignIn {
    this.#forgive();
    const { failuresMax, failureEveryMs, lifeMs, sessionsMax } = sessionPolicy;
    if (!timingSafeEqual(digest(token), this.#tokenDigest)) {
      if (this.#failures >= failuresMax)
        return { ok: false, reason: 'limited', retryAfterS: Math.ceil(failureEveryMs / 1_000) };
      this.#failures += 1;
      return { ok: false, reason: 'refused' };
    }
    const id = Buffer.from(this.#random.bytes(32)).toString('base64url');
    const name = Buffer.from(this.#random.bytes(4)).toString('hex');
    const session = { name, operator, endsAtMs: this.#clock.monotonicMs() + lifeMs };
    this.#sessions.set(keyOf(id), session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > sessionsMax && oldest !== undefined) this.#sessions.delete(oldest);
    return { ok: true, id, session };
  }

  /** The session with that id, if it lasts still. */
  find(id: string | undefined): Session | undefined {
    if (id === undefined) return undefined;
    const key = keyOf(id);
    const session = this.#sessions.get(key);
    if (session === undefined || this.#clock.monotonicMs() < session.endsAtMs) return session;
    this.#sessions.delete(key);
    return undefined;
  }

  signOut(id: string | undefined): void {
    if (id !== undefined) this.#sessions.delete(keyOf(id));
  }

  #forgive(): void {
    const { failureEveryMs } = sessionPolicy;
    const forgiven = Math.floor((this.#clock.monotonicMs() - this.#failuresAtMs) / failureEveryMs);
    if (forgiven === 0) return;
    this.#failures = Math.max(0, this.#failures - forgiven);
    this.#failuresAtMs += forgiven * failureEveryMs;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

function keyOf(id: string): string {
  return digest(id).toString('base64url');
}
