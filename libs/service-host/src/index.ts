export * from './dev-controls.ts';
export { DevMode, type DevModeOptions } from './dev-mode.ts';
export { EdgeBook, type EdgeBookView, type EdgeView } from './edge-book.ts';
export { edgeLimits, tenantLimitDefaults } from './edge-limits.ts';
export { FaultInjector, type FaultInjectorOptions, type FaultsReply } from './fault-injector.ts';
export { meshMetrics } from './mesh-metrics.ts';
export { startOpsServer, type OpsServer, type OpsServerOptions } from './ops-server.ts';
export { RecentCalls, type CallCounts, type EdgesReply } from './recent-calls.ts';
export {
  drainTimeoutMs,
  runService,
  type RunningService,
  type RunServiceOptions,
  type ServiceContext,
} from './run-service.ts';
export {
  commonSettings,
  loadSettings,
  parseJson,
  serviceNames,
  settingsExitCode,
  type CommonSettings,
  type Parsed,
} from './settings.ts';
export { TopologyFile, type TopologyFileOptions } from './topology-file.ts';
export {
  endpointsOf,
  listenerOf,
  privateListenerOf,
  privatePortsOf,
  topologySchema,
  type Topology,
  type ZoneTopology,
} from './topology.ts';
