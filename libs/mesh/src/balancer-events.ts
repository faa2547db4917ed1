// The balancer's decisions as events of the mesh client: the endpoint's service and zone in place of the endpoint.
import type { BalancerObserver } from './balancer.ts';
import type { ClientObserver } from './observer.ts';
import type { ServiceName } from './ports.ts';
import type { Target } from './target.ts';

/** What a balancer of `service` in a client of `ownZone` tells `observer`. */
export function balancerEvents(
  service: ServiceName,
  ownZone: string,
  observer: Partial<ClientObserver>,
): BalancerObserver<Target> {
  return {
    ejected: ({ zone }, reason, lastsMs) => observer.ejected?.(service, zone, reason, lastsMs),
    ejectionCapped: ({ zone }, reason) => observer.ejectionCapped?.(service, zone, reason),
    returned: ({ zone }, reason) => observer.returned?.(service, zone, reason),
    latencySpillChanged: (share) => observer.latencySpillChanged?.(service, ownZone, share),
    panicChanged: (isPanic) => observer.panicChanged?.(service, isPanic),
    drained: ({ zone }) => observer.drained?.(service, zone),
    drainSetAside: ({ zone }) => observer.drainSetAside?.(service, zone),
  };
}
