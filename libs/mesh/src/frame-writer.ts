// Collects the frames of one event-loop turn and writes them at its end, in one write: without this a hop costs three times
// the CPU (performance reference §2). setImmediate, not a microtask: microtasks make batches of one (§5).
import type { Writable } from 'node:stream';
import { encodeFrames } from './frame-codec.ts';

/** A peer that lets this much pile up does not read: four of the largest frames. */
export const writeBacklogMaxBytes = 8 * 1024 * 1024;

export class FrameWriter {
  readonly #socket: Writable;
  #texts: string[] = [];

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Queues one message for the end of this turn. */
  send(text: string): void {
    if (this.#texts.push(text) === 1) setImmediate(this.flush);
  }

  /** True when the peer does not read what was written to it. */
  get isBlocked(): boolean {
    return this.#socket.writableLength > writeBacklogMaxBytes;
  }

  /** Writes what is queued. Called by itself at the end of the turn, and before an orderly end. */
  readonly flush = (): void => {
    if (this.#texts.length === 0) return;
    const texts = this.#texts;
    this.#texts = [];
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(encodeFrames(texts));
  };
}
