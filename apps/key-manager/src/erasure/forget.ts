// Step 3 of erasures: every crypto-worker and key-manager of the region is asked to forget, until it says it has. One that is
// away is asked again; one that was started anew has nothing and says so.
import { forgottenKeysMax } from '@zonehold/api-contract';
import { Deadline, isKmsError } from '@zonehold/primitives';
import { cacheName, cachesToAsk, cacheServices, type ErasureRecord } from './erasure-record.ts';
import type { ReadErasure } from './erasure-repository.ts';
import { stepTimeoutMs, type ErasurePorts } from './ports.ts';

/** Asks every process for all erasures that lack its answer, and puts the answers on record. Gives the erasures as they are then. */
export async function forget(
  ports: ErasurePorts,
  erasures: readonly ReadErasure[],
): Promise<readonly ReadErasure[]> {
  const answered = new Map<string, Set<ReadErasure>>();
  const processes = ports.zones.flatMap((zone) =>
    cacheServices.map((service) => ({ service, zone, name: cacheName(service, zone) })),
  );
  await Promise.all(
    processes.map(async ({ service, zone, name }) => {
      const lacking = erasures.filter(({ record }) =>
        cachesToAsk(record, ports.zones).some(([its, where]) => its === service && where === zone),
      );
      const done = new Set<ReadErasure>();
      answered.set(name, done);
      for (let at = 0; at < lacking.length; at += forgottenKeysMax) {
        const batch = lacking.slice(at, at + forgottenKeysMax);
        const keys = batch.map(({ record: { kind, instanceId, keyId } }) =>
          kind === 'instance' ? { instanceId } : { instanceId, keyId },
        );
        try {
          await ports.caches.forget(
            service,
            zone,
            keys,
            Deadline.after(ports.clock, stepTimeoutMs),
          );
        } catch (error) {
          if (!isKmsError(error)) throw error;
          // Every few seconds while it is away; who waits for what is said by `zonehold erasure list`.
          ports.log.debug('erasure.cache-unasked', {
            cacheService: service,
            cacheZone: zone,
            error,
          });
          return;
        }
        for (const erasure of batch) done.add(erasure);
      }
    }),
  );
  const nowMs = ports.clock.wallMs();
  return Promise.all(
    erasures.map(async (erasure) => {
      const names = [...answered].filter(([, done]) => done.has(erasure)).map(([name]) => name);
      return names.length === 0 ? erasure : record(ports, erasure, names, nowMs);
    }),
  );
}

async function record(
  ports: ErasurePorts,
  erasure: ReadErasure,
  names: readonly string[],
  nowMs: number,
): Promise<ReadErasure> {
  const forgotten = {
    ...erasure.record.forgotten,
    ...Object.fromEntries(names.map((name) => [name, nowMs])),
  };
  const next: ErasureRecord = { ...erasure.record, forgotten };
  try {
    const isOurs = await ports.erasures.replace(
      erasure,
      next,
      Deadline.after(ports.clock, stepTimeoutMs),
    );
    return isOurs ? { ...erasure, record: next, text: JSON.stringify(next) } : erasure;
  } catch (error) {
    if (!isKmsError(error)) throw error;
    return erasure;
  }
}
