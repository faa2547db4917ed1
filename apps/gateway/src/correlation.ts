// The ids of one client request: the correlation id a person searches logs for, and the operation id that makes the
// gateway's own retries one operation. Both come from pooled random bytes: a call per id costs ten times as much.
import { toHex, type Random } from '@zonehold/primitives';

/** One refill serves 256 ids. */
const poolBytes = 4_096;
const idBytes = 16;

/** UUIDs and other harmless ids are echoed; anything else could forge a log line or a header. */
const echoedPattern = /^[A-Za-z0-9._:-]{1,128}$/;

/** Makes 128-bit ids. */
export class RequestIds {
  readonly #random: Random;
  #pool: Uint8Array = new Uint8Array();
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** 32 lower-case hex digits, unique for one client request. */
  operationId(): string {
    if (this.#used + idBytes > this.#pool.byteLength) {
      this.#pool = this.#random.bytes(poolBytes);
      this.#used = 0;
    }
    this.#used += idBytes;
    return toHex(this.#pool.subarray(this.#used - idBytes, this.#used));
  }

  /** A UUID v4 (RFC 9562 §5.4). */
  correlationId(): string {
    const hex = this.operationId();
    const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

/** The client's own correlation id, when it is one that may be echoed. */
export function clientCorrelationId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && echoedPattern.test(header) ? header : undefined;
}
