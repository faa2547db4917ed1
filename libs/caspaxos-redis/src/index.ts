export { redisPasswordHash, renderAclFile, type RedisUser } from './acl-file.ts';
export type { GateState } from './acceptor-gate.ts';
export { createAofRewriter, type AofRewriter, type AofState } from './aof-rewrite.ts';
export { formatAcceptor } from './format-acceptor.ts';
export { createAuthenticator } from './integrity-key.ts';
export { createAcceptorProber, type AcceptorProbe, type AcceptorProber } from './probe-acceptor.ts';
export {
  gateIntervalMs,
  RedisAcceptor,
  recordNameOf,
  type RedisAcceptorOptions,
} from './redis-acceptor.ts';
export { renderRedisConfig, type RedisConfigValues } from './redis-config.ts';
export {
  openRedis,
  redisIdentityUri,
  type RedisAddress,
  type RedisTls,
} from './redis-connection.ts';
export { configurationKey, indexKey, listKey, logKey, registerKey, shardOf } from './redis-keys.ts';
export { createRedisDisks } from './redis-disks.ts';
export {
  addressIn,
  faultsOnTheWay,
  RegionPorts,
  type RegionAccess,
  type RegionOptions,
  type ZoneAddress,
} from './region-acceptors.ts';
export {
  createRegisterStore,
  firstConfiguration,
  systemTimers,
  type RegisterStoreObserver,
  type RegisterStoreOptions,
} from './register-store.ts';
export { removeStaleRewrites } from './stale-rewrites.ts';
export { mendTornTail, type AofCheck, type TornTail } from './torn-tail.ts';
