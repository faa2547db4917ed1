export { actionTable, refuseAction, stateNames, type KeyAction } from './action-table.ts';
export {
  hasAlias,
  nextAliasSerial,
  standingOf,
  voidClaim,
  type AliasClaim,
  type ClaimStanding,
} from './aliases.ts';
export {
  setForDeletion,
  standingAuthorization,
  unsetForDeletion,
  type SetForDeletionInput,
  type StandingAuthorization,
} from './dual-authorization.ts';
export {
  defaultKeyRingId,
  keyChanges,
  keyState,
  keyStates,
  newestVersion,
  sealedVersions,
  type AppliedOperation,
  type DeletionAuthorization,
  type Key,
  type KeyChange,
  type KeyRecord,
  type KeyRingChange,
  type KeyState,
  type KeyVersion,
  type PurgedKey,
  type RepeatTokenKind,
  type SealedKeyVersion,
  type TokenTail,
} from './key.ts';
export {
  allowedNetworks,
  inheritedPolicies,
  instancePoliciesOf,
  instancePolicyNames,
  refuseNewKey,
  refuseTokenless,
  type AllowedNetwork,
  type InstancePolicies,
  type InstancePolicyName,
  type InstancePolicyWishes,
  type KeyCreateImportAccess,
  type NewKeyKind,
} from './instance-policies.ts';
export {
  keyPolicyNames,
  policiesOf,
  refusePolicies,
  type KeyPolicies,
  type KeyPolicyName,
  type KeyPolicyWishes,
  type Policy,
  type PolicyAuthor,
  type PolicyDates,
  type RotationPolicy,
} from './key-policies.ts';
export {
  createKeyRing,
  deleteKeyRing,
  findKeyRing,
  keyRingOf,
  nameKeyRing,
  noKeyRings,
  type KeyRing,
  type KeyRings,
  type KeyRingTransition,
  type RingName,
} from './key-rings.ts';
export * from './limits.ts';
export type { DomainReasonCode, DomainRefusal } from './refusal.ts';
export {
  correlationTokenMs,
  keepOperations,
  keptOperationsMax,
  keptOperationsMaxAgeMs,
  recogniseRepeat,
  type OperationStamp,
  type RepeatVerdict,
} from './repeat.ts';
export { applied } from './transition.ts';
export { isAllowed, rolesByRight, type Right } from './rights.ts';
export { roleNames, type RoleName } from './roles.ts';
export {
  dateClause,
  dateProperties,
  type DateClause,
  type DateComparison,
  type DateProperty,
  type WrittenDate,
} from './date-filter.ts';
export { countSelected, keySlice, KeyTally, type KeySlice } from './key-tally.ts';
export { KeyPageCollector, type KeyPageQuestion } from './key-page.ts';
export {
  KeySearchCollector,
  searchScopes,
  searchSpaceMax,
  searchTest,
  type KeySearch,
  type KeySearchQuestion,
  type SearchReach,
  type SearchScope,
} from './key-search.ts';
export {
  defaultListStates,
  isSelected,
  keyOrder,
  keyRingPageLimitDefault,
  pageLimitDefault,
  pageLimitMax,
  sortProperties,
  type KeyPage,
  type KeySelection,
  type ListedKey,
  type SortClause,
  type SortProperty,
} from './selection.ts';
export { setPolicies, type SetPoliciesInput } from './set-policies.ts';
export { packSummary, summaryOf, unpackSummary, type KeySummary } from './summary.ts';
export {
  actionWaitMs,
  deletionAuthorizationMs,
  effectiveState,
  purgeScheduleMs,
  purgeWaitMs,
  restoreWindowMs,
  rotationWaitMs,
  stateAt,
  timeForKey,
} from './time-rules.ts';
export {
  addAlias,
  createKey,
  deleteKey,
  destroyMaterial,
  disableKey,
  enableKey,
  moveKey,
  purgeKey,
  refuseCreate,
  refuseRotate,
  removeAlias,
  restoreKey,
  rotateKey,
  withTokenTail,
  withoutMaterial,
  type DeleteInput,
  type NewKey,
  type PlainChange,
  type RotateInput,
  type Transition,
} from './transitions.ts';
