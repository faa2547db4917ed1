export {
  createMeshClient,
  meshPolicyDefaults,
  type MeshClientOptions,
  type MeshPolicy,
  type TargetStanding,
  type WatchableMeshClient,
} from './call.ts';
export type { CircuitState } from './circuit.ts';
export { exceedsFrame, frameMaxBytes } from './frame-codec.ts';
export { startFrameServer, type FrameServer, type FrameServerOptions } from './frame-server.ts';
export { formatIdentity, identityOfNames, parseIdentity } from './identity.ts';
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
