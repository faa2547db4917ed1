// Rebuild controllers with a known mistake each, for negative controls: broken-variants.ts names them. Nothing else imports
// this.
import {
  parseSelf,
  selfOf,
  stampConfiguration,
  type Authenticator,
  type ReconfigurableStore,
  type ZoneDisks,
} from '@zonehold/caspaxos';

/** The same store, to change one call of. */
export function forwarding(store: ReconfigurableStore): ReconfigurableStore {
  return {
    read: (...call) => store.read(...call),
    change: (...call) => store.change(...call),
    list: (...call) => store.list(...call),
    news: (...call) => store.news(...call),
    scan: (...call) => store.scan(...call),
    reseal: (...call) => store.reseal(...call),
    zones: () => store.zones(),
    close: () => store.close(),
    configuration: () => store.configuration(),
    reconfigure: (...call) => store.reconfigure(...call),
    learnDecided: (...call) => store.learnDecided(...call),
    install: (...call) => store.install(...call),
    scanLearner: (...call) => store.scanLearner(...call),
  };
}

/** Promotes at once: nothing is sealed, since there seems to be nothing. */
export function sealNothing(store: ReconfigurableStore): ReconfigurableStore {
  return { ...forwarding(store), scan: async () => [], scanLearner: async () => [] };
}

/** Evicts another zone along with the lost one: what only those two held is gone. */
export function evictTwo(store: ReconfigurableStore): ReconfigurableStore {
  return {
    ...forwarding(store),
    reconfigure: (from, next, deadline) => {
      const isEviction = next.learner === null && next.voters.length === 2;
      const voters = isEviction ? next.voters.slice(0, 1) : next.voters;
      return store.reconfigure(from, { ...next, voters }, deadline);
    },
  };
}

/** Every disk of a zone gets the same incarnation. */
export function fixIncarnations(disks: ZoneDisks): ZoneDisks {
  const fixed = (self: string): string => {
    const identity = parseSelf(self);
    return identity === undefined ? self : selfOf({ ...identity, incarnation: 'fixed' });
  };
  return {
    at: (zone, address) => {
      const disk = disks.at(zone, address);
      return {
        look: (timeoutMs) => disk.look(timeoutMs),
        rewriteLog: (timeoutMs) => disk.rewriteLog(timeoutMs),
        format: (self, timeoutMs) => disk.format(fixed(self), timeoutMs),
        reincarnate: (expected, next, timeoutMs) => disk.reincarnate(expected, next, timeoutMs),
      };
    },
  };
}

/** Asks nobody: what this controller wants is the next configuration. */
export function decideAlone(
  store: ReconfigurableStore,
  authenticator: Authenticator,
  adopt: (store: ReconfigurableStore, next: ReturnType<typeof stampConfiguration>) => void,
): ReconfigurableStore {
  return {
    ...forwarding(store),
    reconfigure: async (_from, next) => {
      adopt(store, stampConfiguration(next, authenticator));
      return store.configuration();
    },
  };
}
