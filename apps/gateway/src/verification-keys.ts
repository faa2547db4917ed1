// The public keys that verify this region's tokens, fetched from any key-manager and kept. Each fetch also shows whether a
// key-manager can be reached, which is what the gateway's readiness is about.
import { importJWK, type CryptoKey } from 'jose';
import { keyManagerMethods, type VerificationKeysReply } from '@zonehold/api-contract';
import type { MeshClient } from '@zonehold/mesh';
import { assert, Deadline, type Clock } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';

/** Tokens with made-up key ids must not become load inside: one fetch in this time at most. */
const refetchAfterMs = 3_000;
/** How often the keys are fetched anyway: the next signing key is published long before it signs. */
const refreshEveryMs = 5_000;
/** Until the first keys are known the gateway cannot serve: ask often. */
const firstRetryMs = 100;
const fetchTimeoutMs = 2_000;
/** One active and one next (architecture §4 Identity), and some that were retired within a token's life. */
const keysMax = 16;

/** `unavailable`: the key is not known and nobody could be asked. */
export type KeyLookup = CryptoKey | 'unknown' | 'unavailable';

export interface VerificationKeysOptions {
  readonly mesh: MeshClient;
  readonly clock: Clock;
  readonly log: Log;
}

export class VerificationKeys {
  readonly #options: VerificationKeysOptions;
  readonly #known = Promise.withResolvers<undefined>();
  #keys: ReadonlyMap<string, CryptoKey> = new Map();
  #issuer = '';
  #fetchedAtMs = -Infinity;
  #isReachable = false;
  #fetching: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: VerificationKeysOptions) {
    this.#options = options;
  }

  /** Who must have issued a token. Empty until the first keys are known. */
  get issuer(): string {
    return this.#issuer;
  }

  /** Settles when the first keys are known. */
  get whenKnown(): Promise<undefined> {
    return this.#known.promise;
  }

  /** Fetches now and then again and again, until `stop`. */
  start(): void {
    void this.#fetchOnce().then(() => {
      if (this.#isStopped) return;
      const pauseMs = this.#keys.size === 0 ? firstRetryMs : refreshEveryMs;
      this.#timer = setTimeout(() => this.start(), pauseMs).unref();
    });
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Sentences why no request can be served; empty when all is well. */
  reasons(): readonly string[] {
    if (this.#keys.size === 0) return ['The keys that verify tokens are not known yet.'];
    return this.#isReachable ? [] : ['No key-manager answers.'];
  }

  /** The key named `kid`. An unknown one is asked for, at most once in three seconds. */
  async find(kid: string): Promise<KeyLookup> {
    const key = this.#keys.get(kid);
    if (key !== undefined) return key;
    const ageMs = this.#options.clock.monotonicMs() - this.#fetchedAtMs;
    if (ageMs < refetchAfterMs) return 'unknown';
    const isFetched = await this.#fetchOnce();
    return this.#keys.get(kid) ?? (isFetched ? 'unknown' : 'unavailable');
  }

  /** One fetch at a time; whoever comes meanwhile shares it. */
  #fetchOnce(): Promise<boolean> {
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  async #fetch(): Promise<boolean> {
    const { mesh, clock, log } = this.#options;
    try {
      const deadline = Deadline.after(clock, fetchTimeoutMs);
      const { reply } = await mesh.call<VerificationKeysReply>(
        'key-manager',
        keyManagerMethods.verificationKeys,
        {},
        { deadline, retry: 'always' },
      );
      await this.#take(reply);
      this.#fetchedAtMs = clock.monotonicMs();
      this.#report(true);
      return true;
    } catch (error) {
      if (this.#isReachable) log.warn('verification-keys.unavailable', { error });
      this.#report(false);
      return false;
    }
  }

  async #take(reply: VerificationKeysReply): Promise<void> {
    assert(reply.keys.length <= keysMax, 'a key-manager names more verification keys than exist');
    const known = this.#keys;
    const keys = new Map<string, CryptoKey>();
    for (const jwk of reply.keys) {
      const imported = known.get(jwk.kid) ?? (await importJWK({ ...jwk }, 'ES256'));
      assert(!(imported instanceof Uint8Array), 'a verification key is not symmetric');
      keys.set(jwk.kid, imported);
    }
    if (keys.size === 0) return;
    this.#keys = keys;
    this.#issuer = reply.issuer;
    this.#known.resolve(undefined);
  }

  #report(isReachable: boolean): void {
    if (isReachable && !this.#isReachable) {
      this.#options.log.info('verification-keys.known', { count: this.#keys.size });
    }
    this.#isReachable = isReachable;
  }
}
