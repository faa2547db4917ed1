export {
  zeroBallot,
  type Accepted,
  type AcceptorAddress,
  type AcceptorPort,
  type AcceptReply,
  type AcceptRequest,
  type Authenticator,
  type Ballot,
  type Configuration,
  type ConfiguredAcceptor,
  type ConflictReply,
  type InstallReply,
  type ListChange,
  type ListReply,
  type ListRequest,
  type PrepareReply,
  type PrepareRequest,
  type ReadReply,
  type RefusedReply,
  type ScanReply,
  type SignedConfiguration,
  type Stamp,
  type StampedConfiguration,
  type Timers,
  type UnreachableReply,
} from './acceptor-port.ts';
export {
  accept,
  applyWrites,
  blankConfiguration,
  copyAcceptor,
  emptyAcceptor,
  format,
  installConfiguration,
  list,
  prepare,
  read,
  reincarnate,
  rowKey,
  scan,
  type AcceptorHeader,
  type AcceptorState,
  type AcceptorWrites,
  type Address,
  type Decided,
  type ListRow,
  type RegisterRow,
  type SeenAcceptor,
} from './acceptor.ts';
export {
  compareBallots,
  counterLeapMax,
  formatBallot,
  isBallot,
  isPlausible,
  isProposerId,
  laterBallot,
  nextCounter,
  parseBallot,
} from './ballot.ts';
export {
  blankStamp,
  canonicalText,
  epochOf,
  formatStamp,
  parseSelf,
  quorumSize,
  selfOf,
  signConfiguration,
  stampConfiguration,
  verifyConfiguration,
  type AcceptorIdentity,
  type VerifiedConfiguration,
} from './configuration.ts';
export { fixedPorts, type ConfigurationShown, type PortSource } from './port-source.ts';
export type { ListMark, ListNews } from './list-news.ts';
export type { CurrentConfiguration } from './membership.ts';
export { configurationRegister } from './reconfiguration.ts';
export type { Resealed } from './reseal.ts';
export { SequenceMemory, sequenceStanding, type SequenceEvidence } from './rollback.ts';
export type {
  AcceptorStanding,
  ChangeFunction,
  Decision,
  ListLine,
  ListNewsSource,
  ListStretch,
  ListView,
  ReconfigurableStore,
  RegisterId,
  RegisterState,
  RegisterStore,
  ZoneState,
} from './register-store.ts';
export { decodeEnvelope, encodeEnvelope, nothing, type Envelope } from './value-envelope.ts';
export { defaultLimits, type StoreLimits } from './limits.ts';
export { silentObserver, type SafetyAlarm, type StoreObserver } from './observer.ts';
export { createStore, type StoreOptions } from './store.ts';
export type { DiskLook, ZoneDisk, ZoneDisks } from './rebuild/disk.ts';
export {
  defaultRebuildLimits,
  RebuildController,
  type RebuildControllerOptions,
  type RebuildLimits,
  type RebuildObserver,
} from './rebuild/controller.ts';
export {
  nextStep,
  type HomeAcceptor,
  type RebuildStep,
  type RebuildView,
} from './rebuild/next-step.ts';
export {
  decodeRebuild,
  noRebuild,
  progressOf,
  rebuildRegister,
  type OpenRebuild,
  type RebuildCause,
  type RebuildProgress,
  type RebuildRecord,
} from './rebuild/record.ts';
