export { createTestAuthenticator, fastAuthenticator } from './simulation/authenticator.ts';
export { AcceptorHost, realRules, type AcceptorRules } from './simulation/acceptor-host.ts';
export { HostPort, type HostPortOptions, type Transport } from './simulation/host-port.ts';
export { HostPorts } from './simulation/host-ports.ts';
export { createHostDisks } from './simulation/host-disks.ts';
export {
  createMemoryRegion,
  createMemoryStore,
  immediateTransport,
  memberOf,
  memoryPlace,
  selfIn,
  type MemoryRegion,
} from './simulation/memory-store.ts';
export { wholeList, type ListedName } from './whole-list.ts';
export { RedisServer } from './redis/redis-server.ts';
export { RedisZones, type RedisZonesOptions } from './redis/redis-zones.ts';
export { brokenVariants, type Variant } from './simulation/broken-variants.ts';
export { checkAppends } from './simulation/check-append.ts';
export { checkRegister } from './simulation/check-register.ts';
export { History, type AnyOperation } from './simulation/history.ts';
export { simulate, type Finding, type SimulationReport } from './simulation/simulate.ts';
export { VirtualTime } from './simulation/virtual-time.ts';
export {
  regionAt,
  startRegion,
  type CommandResult,
  type RegionFiles,
  type RegionPlace,
  type RegionProcess,
  type RunningRegion,
} from './region/region.ts';
export { findFreePorts } from './region/free-ports.ts';
