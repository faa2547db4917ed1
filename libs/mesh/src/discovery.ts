// Where a region's services listen, as snapshots with versions. A port: a file says it in production (service-host), a list in tests.
import type { Endpoint } from './ports.ts';

/** Everything that is known at once; a later version replaces an earlier one. */
export interface DiscoverySnapshot {
  readonly version: number;
  readonly endpoints: readonly Endpoint[];
}

export interface Discovery {
  readonly snapshot: DiscoverySnapshot;
  /** Calls `listener` with each new snapshot until the answer is called. */
  watch(listener: (snapshot: DiscoverySnapshot) => void): () => void;
}

/** Endpoints that never change are as good as a discovery. */
export function asDiscovery(source: readonly Endpoint[] | Discovery): Discovery {
  if ('watch' in source) return source;
  return { snapshot: { version: 0, endpoints: source }, watch: () => () => undefined };
}

/** Two that are the same keep one link, whatever else the snapshots say. */
export function isSameEndpoint(one: Endpoint, other: Endpoint): boolean {
  return (
    one.host === other.host &&
    one.port === other.port &&
    one.zone === other.zone &&
    one.service === other.service
  );
}
