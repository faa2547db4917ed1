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
export { SlowLink, type LinkState } from './redis/slow-link.ts';
export { wholeList, type ListedName } from './whole-list.ts';
export { RedisServer } from './redis/redis-server.ts';
export { until } from './redis/until.ts';
export { ContainerRedis } from './redis/container-redis.ts';
export { RedisZones, type RedisDriver, type RedisZonesOptions } from './redis/redis-zones.ts';
export { brokenVariants, type Variant } from './simulation/broken-variants.ts';
export { checkAppends } from './simulation/check-append.ts';
export { cellModel, type CellInput, type CellOutput } from './history/cell-model.ts';
export {
  checkHistory,
  checkLinearizable,
  type RegisterVerdict,
  type Verdict,
} from './history/check-linearizable.ts';
export { readHistory, writeHistory, type ReadHistory } from './history/history-file.ts';
export { keyModel, outcomeOfAnswer, type KeyInput, type KeyOutput } from './history/key-model.ts';
export { listModel, type ListInput, type ListOutput } from './history/list-model.ts';
export type { Model } from './history/model.ts';
export type { Json, RecordedOperation, RecordedOutcome } from './history/operation.ts';
export { isCellOperation, isKeyOperation, isListOperation } from './history/recorded-as.ts';
export { History, type AnyOperation } from './simulation/history.ts';
export {
  runMutants,
  runSeeds,
  type CampaignSummary,
  type MutantSummary,
  type SeedRange,
  type Violation,
} from './simulation/campaign.ts';
export { isLost, straddle, straddlingVariants, type StraddleEnd } from './simulation/straddle.ts';
export { derivedSeed } from './simulation/derived-seed.ts';
export { recordedHistory } from './simulation/recorded.ts';
export {
  simulate,
  type Finding,
  type SimulationPlan,
  type SimulationReport,
} from './simulation/simulate.ts';
export { shrink, type ShrinkPlan, type Shrunk } from './simulation/shrink.ts';
export { shrinkSeed, type ShrunkSeed } from './simulation/shrink-seed.ts';
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
export { explore } from './explorer/explore.ts';
export type { ExploreOptions, ExploreReport } from './explorer/options.ts';
export { longSpaces, mistakenSpaces, quickSpaces, shortcutSpaces } from './explorer/spaces.ts';
export { plotOf } from './mesh-simulation/plot.ts';
export { overall, type MeshReport, type Overall } from './mesh-simulation/report.ts';
export { meshScenarioNames, type MeshScenarioName } from './mesh-simulation/scenarios.ts';
export {
  judgeMesh,
  meshPlanLong,
  meshPlanSmall,
  simulateMesh,
  type MeshPlan,
} from './mesh-simulation/simulate-mesh.ts';
export {
  codeOf,
  ContractDocument,
  type DocumentedCall,
  type SeenAnswer,
  type ServedDocument,
} from './contract/contract-document.ts';
export {
  runFuzz,
  type FuzzPlan,
  type FuzzReport,
  type OutgoingRequest,
  type Tenant,
} from './contract/fuzz-campaign.ts';
