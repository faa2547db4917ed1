// Frames: 4 bytes big-endian length, then that many bytes of UTF-8 JSON (docs/architecture.md §3). Pure: no sockets.
//
//   0        4                  4+n
//   ┌────────┬──────────────────┐
//   │ n (u32)│ n bytes of JSON  │
//   └────────┴──────────────────┘
import { KmsError } from '@zonehold/primitives';

/** The largest reply is a page of 5,000 full keys, about 4.5 MB. Also what one peer may make us hold. */
export const frameMaxBytes = 8 * 1024 * 1024;

const headerBytes = 4;

/** Bytes of a text in UTF-8 when more than `frameMaxBytes`, decided without counting when it plainly is not. */
export function exceedsFrame(text: string): boolean {
  return text.length * 3 > frameMaxBytes && Buffer.byteLength(text) > frameMaxBytes;
}

/** One buffer with all `texts` as frames, for one write. Each text must fit a frame (`exceedsFrame`). */
export function encodeFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const total = lengths.reduce((sum, length) => sum + length + headerBytes, 0);
  const buffer = Buffer.allocUnsafe(total);
  let offset = 0;
  texts.forEach((text, at) => {
    offset = buffer.writeUInt32BE(lengths[at] ?? 0, offset);
    offset += buffer.write(text, offset, 'utf8');
  });
  return buffer;
}

/**
 * Turns chunks of a stream into frames. Frames that arrive whole are parsed where they lie; an unfinished one waits as a list
 * of chunks and is joined once it is complete, so each byte is copied at most twice however finely it was cut.
 */
export class FrameDecoder {
  readonly #onFrame: (message: unknown, bytes: number) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Below this many bytes nothing more can be decided. */
  #neededBytes = headerBytes;

  /** `bytes` are the whole frame's. */
  constructor(onFrame: (message: unknown, bytes: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Calls `onFrame` for each frame that `chunk` completes. Throws PROTOCOL for a frame too long or not JSON: cut the link. */
  push(chunk: Buffer): void {
    const available = this.#waitingBytes + chunk.length;
    if (available < this.#neededBytes) {
      this.#wait(chunk, available);
      return;
    }
    this.#parse(
      this.#waiting.length === 0 ? chunk : Buffer.concat([...this.#waiting, chunk], available),
    );
  }

  #parse(bytes: Buffer): void {
    let start = 0;
    this.#neededBytes = headerBytes;
    while (bytes.length - start >= headerBytes) {
      const length = bytes.readUInt32BE(start);
      if (length > frameMaxBytes)
        throw new KmsError('PROTOCOL', `a frame of ${length} bytes is too long`);
      const end = start + headerBytes + length;
      if (end > bytes.length) {
        this.#neededBytes = headerBytes + length;
        break;
      }
      this.#onFrame(parseMessage(bytes, start + headerBytes, end), headerBytes + length);
      start = end;
    }
    this.#waiting = [];
    const rest = start === 0 ? bytes : bytes.subarray(start);
    if (rest.length > 0) this.#wait(rest, rest.length);
    else this.#waitingBytes = 0;
  }

  #wait(chunk: Buffer, waitingBytes: number): void {
    this.#waiting.push(chunk);
    this.#waitingBytes = waitingBytes;
  }
}

function parseMessage(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    // The parser's message would quote what it read; that may be a secret.
    throw new KmsError('PROTOCOL', 'a frame is not JSON');
  }
}
