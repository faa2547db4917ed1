export {
  Balancer,
  balancerPolicyDefaults,
  type BalancerObserver,
  type BalancerPolicy,
  type ReturnReason,
  type ZoneDrain,
} from './balancer.ts';
export {
  createMeshClient,
  meshPolicyDefaults,
  type MeshClientOptions,
  type MeshPolicy,
  type TargetStanding,
  type WatchableMeshClient,
} from './call.ts';
export { CallFailure, type FailedAttempt } from './call-failure.ts';
export type { CircuitOutcome, CircuitState } from './circuit.ts';
export type { Discovery, DiscoverySnapshot } from './discovery.ts';
export { exceedsFrame, frameMaxBytes } from './frame-codec.ts';
export { startFrameServer, type FrameServer, type FrameServerOptions } from './frame-server.ts';
export { formatIdentity, identityOfNames, parseIdentity } from './identity.ts';
export type { LinkAnswer } from './link.ts';
export type { BalancedEndpoint, Member } from './member.ts';
export type { EjectionReason } from './outlier.ts';
export { Retries, retryPolicyDefaults, type RetryPolicy } from './retry-policy.ts';
export { circuitOutcome } from './retry-rules.ts';
export type {
  CallCode,
  ClientObserver,
  LinkState,
  MeshObserver,
  RefusalReason,
  ServerObserver,
  ShedReason,
} from './observer.ts';
export type {
  CallOptions,
  CallResult,
  Endpoint,
  FrameContext,
  FrameHandler,
  FrameMethod,
  MeshClient,
  ServiceIdentity,
  ServiceName,
  TlsIdentity,
  TraceCarrier,
} from './ports.ts';
