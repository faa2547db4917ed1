// Has an erasure controller look again and again, for as long as the process lives. Not the controller: when it fails for want of
// a majority, it is asked again.
import { isKmsError, type Random } from '@zonehold/primitives';
import type { Log } from '@zonehold/telemetry';
import { mayGoOn } from '../may-go-on.ts';
import type { ErasureController } from './erasure-controller.ts';

/** Nobody waits for an erasure; a look costs one read of a list that is mostly empty. */
const passIntervalMs = 5_000;

/** Resolves once `signal` is aborted and the look under way is over. */
export async function runErasures(options: {
  readonly controller: Pick<ErasureController, 'pass'>;
  readonly log: Log;
  readonly random: Random;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { controller, log, random, signal } = options;
  let isFailing = false;
  // Jitter: the key-managers of a region start together.
  while (await mayGoOn(passIntervalMs * (0.5 + random.unit()), signal)) {
    try {
      await controller.pass();
      isFailing = false;
    } catch (error) {
      if (!isKmsError(error)) throw error;
      if (!isFailing) log.warn('erasure.waiting', { error });
      isFailing = true;
    }
  }
}
