export { createTestAuthenticator, fastAuthenticator } from './simulation/authenticator.ts';
export { AcceptorHost, realRules, type AcceptorRules } from './simulation/acceptor-host.ts';
export { HostPort, type HostPortOptions, type Transport } from './simulation/host-port.ts';
export {
  createHostPorts,
  createMemoryRegion,
  createMemoryStore,
  immediateTransport,
  memberOf,
  selfIn,
  type MemoryRegion,
} from './simulation/memory-store.ts';
export { RedisServer } from './redis/redis-server.ts';
export { RedisZones, type RedisZonesOptions } from './redis/redis-zones.ts';
