// What ends a command early that has something to take back: it is told, and is not killed by being told twice.
import type { EventEmitter } from 'node:events';

/** The part of `process` that speaks of it. */
export interface Surroundings extends Pick<EventEmitter, 'on' | 'off'> {
  readonly stdout: Pick<EventEmitter, 'on'>;
  readonly stderr: Pick<EventEmitter, 'on'>;
}

/** SIGHUP: the terminal was closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `task` with a signal that is aborted when somebody wants it to end, or nobody reads on. Until it has ended, no second Ctrl-C kills
 * it: it may be taking back what it did.
 */
export async function interruptible<Result>(
  task: (signal: AbortSignal) => Promise<Result>,
  surroundings: Surroundings = process,
): Promise<Result> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  for (const signal of signals) surroundings.on(signal, interrupt);
  // EPIPE, or EIO of a terminal that is gone: an error that nobody handles would end the process. These stay: the last words come later.
  surroundings.stdout.on('error', interrupt);
  surroundings.stderr.on('error', interrupt);
  try {
    return await task(interrupted.signal);
  } finally {
    for (const signal of signals) surroundings.off(signal, interrupt);
  }
}
