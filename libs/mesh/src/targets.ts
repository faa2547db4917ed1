// The targets of one service in a client, snapshot by snapshot: what stays keeps its links and circuit, what went finishes its calls,
// what is new connects at once.
import type { Balancer } from './balancer.ts';
import { isSameEndpoint } from './discovery.ts';
import type { ClientObserver } from './observer.ts';
import type { Endpoint, ServiceName } from './ports.ts';
import type { Target } from './target.ts';

/** The endpoints of `service` as targets, opened by `open`. */
export function targetsOf(
  service: ServiceName,
  endpoints: readonly Endpoint[],
  open: (endpoint: Endpoint) => Target,
): Target[] {
  return endpoints.filter((endpoint) => endpoint.service === service).map(open);
}

/** Makes `balancer` choose among the endpoints of a newer snapshot from its next choice on. */
export function adoptEndpoints(
  balancer: Balancer<Target>,
  service: ServiceName,
  endpoints: readonly Endpoint[],
  {
    open,
    nowMs,
    observer,
  }: {
    readonly open: (endpoint: Endpoint) => Target;
    readonly nowMs: number;
    readonly observer: Partial<ClientObserver>;
  },
): void {
  const before = balancer.members.map(({ endpoint }) => endpoint);
  const after = targetsOf(
    service,
    endpoints,
    (endpoint) =>
      before.find((target) => isSameEndpoint(target.endpoint, endpoint)) ?? open(endpoint),
  );
  const added = after.filter((target) => !before.includes(target)).length;
  const removed = before.filter((target) => !after.includes(target));
  if (added === 0 && removed.length === 0) return;
  balancer.adopt(after, nowMs);
  for (const target of removed) target.retire();
  observer.endpointsChanged?.(service, added, removed.length);
}
