// Which request a call and a line of a log belong to: W3C trace context, version 00 (https://www.w3.org/TR/trace-context/).
// The span that is being served is ambient, so that a line written deep inside carries it without anybody handing it down.
// It records no spans and sends none anywhere; docs/decisions/0023 says why this is all.
//
//   00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//   version  trace id (16 bytes)      span id (8 bytes)  flags
import { AsyncLocalStorage } from 'node:async_hooks';
import { toHex, type Random } from '@zonehold/primitives';

/** Longer ones come from no known version; 55 is the length of version 00. */
const traceparentMaxChars = 256;
const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);
/** The one flag of version 00: the caller may have recorded its part. */
const sampledFlag = 0x01;

/** One refill serves 256 new traces: a call for random bytes per id costs ten times as much. */
const poolBytes = 4_096;

/** What `traceparent` says, read and found sound. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** What a line of a log says of its span. */
export interface TraceFields {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/**
 * Reads a `traceparent` as any version may write it. Undefined for everything that is not sound, which includes two headers
 * joined into one text. Never throws.
 */
export function readTraceparent(text: unknown): TraceParent | undefined {
  if (typeof text !== 'string' || text.length > traceparentMaxChars) return undefined;
  const [, version, traceId = noTraceId, spanId = noSpanId, flags = '', more] =
    traceparentPattern.exec(text) ?? [];
  if (version === undefined || version === 'ff' || traceId === noTraceId || spanId === noSpanId)
    return undefined;
  // Version 00 ends with its flags; later ones may go on (§3.2.4).
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & sampledFlag) !== 0 };
}

/**
 * One process's part in one request. What came is read, and ids are drawn, when somebody asks for them: most hops write no line
 * and the last one calls nobody.
 */
class Span {
  readonly #traceparent: unknown;
  readonly #ids: SpanIds;
  /** Undefined: nobody asked yet. Null: what came names no trace, and none may be begun here. */
  #fields: TraceFields | null | undefined;
  #isSampled = true;

  constructor(traceparent: unknown, ids: SpanIds) {
    this.#traceparent = traceparent;
    this.#ids = ids;
  }

  get fields(): TraceFields | undefined {
    if (this.#fields === undefined) this.#fields = this.#read();
    return this.#fields ?? undefined;
  }

  get traceparent(): string | undefined {
    const { fields } = this;
    if (fields === undefined) return undefined;
    return `00-${fields.traceId}-${fields.spanId}-${this.#isSampled ? '01' : '00'}`;
  }

  #read(): TraceFields | null {
    const parent = readTraceparent(this.#traceparent);
    if (parent !== undefined) {
      this.#isSampled = parent.isSampled;
      return { traceId: parent.traceId, spanId: this.#ids.spanId(), parentSpanId: parent.spanId };
    }
    // A trace that begins here counts as sampled: its line at the edge is always written.
    const traceId = this.#ids.traceId?.();
    return traceId === undefined ? null : { traceId, spanId: this.#ids.spanId() };
  }
}

interface SpanIds {
  spanId(): string;
  /** Where traces may begin. */
  traceId?(): string;
}

/** One for the process: log and mesh mean the same span. */
const serving = new AsyncLocalStorage<Span | undefined>();

/** Of the request that is being served now; undefined outside of one. */
export function currentTrace(): TraceFields | undefined {
  return serving.getStore()?.fields;
}

/** Begins and joins traces, and says what a call carries on. Fits the mesh's `TraceCarrier`. */
export class Traces {
  readonly #random: Random;
  readonly #innerIds: SpanIds = { spanId: () => this.#hex(16) };
  readonly #edgeIds: SpanIds = { ...this.#innerIds, traceId: () => this.#hex(32) };
  #pool = '';
  #used = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** For the edge: runs `work` as a span of the trace that a client's header names, or of a new one when it names none. */
  begin<Result>(traceparent: unknown, work: () => Result): Result {
    return serving.run(new Span(traceparent, this.#edgeIds), work);
  }

  /** For the inside: runs `work` as a span of the trace that a frame names; outside of every trace when it names none. */
  join<Result>(traceparent: string | undefined, work: () => Result): Result {
    const span = traceparent === undefined ? undefined : new Span(traceparent, this.#innerIds);
    return serving.run(span, work);
  }

  /** The `traceparent` of a call made now; undefined outside of a trace. */
  outgoing(): string | undefined {
    return serving.getStore()?.traceparent;
  }

  /** `digits` random hex digits. All zeros, which would be no id, does not happen. */
  #hex(digits: number): string {
    if (this.#used + digits > this.#pool.length) {
      this.#pool = toHex(this.#random.bytes(poolBytes));
      this.#used = 0;
    }
    this.#used += digits;
    return this.#pool.slice(this.#used - digits, this.#used);
  }
}
