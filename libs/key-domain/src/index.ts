export { actionTable, refuseAction, stateNames, type KeyAction } from './action-table.ts';
export {
  isInRange,
  parseAddress,
  parseRange,
  type Address,
  type AddressRange,
} from './address-range.ts';
export { isCidr } from './cidr.ts';
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
  applyDue,
  isUndated,
  nextDue,
  type DueChange,
  type DueKind,
  type DueOutcome,
  type FreshVersion,
} from './due-changes.ts';
export {
  defaultKeyRingId,
  keyChanges,
  keyState,
  keyStates,
  newestVersion,
  sealedVersions,
  type AppliedOperation,
  type DeletionAuthorization,
  type ImportTokenChange,
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
  countGrants,
  giveRoles,
  intendGrant,
  isEmptyGrant,
  withdrawGrant,
  withdrawRoles,
  type GrantRefusal,
  type RolesGiven,
} from './grant-changes.ts';
export {
  callerRoles,
  grantOf,
  guardedOf,
  isInRing,
  isThere,
  mayInInstance,
  mayInRing,
  mayOnKey,
  ringsAllowed,
  type CallerRoles,
  type Grant,
  type Grants,
  type Guarded,
  type RingGrant,
} from './grants.ts';
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
  createImportToken,
  importTokenLifetimeDefaultS,
  importTokenLifetimeMaxS,
  importTokenLifetimeMinS,
  importTokenRetrievalsDefault,
  importTokenRetrievalsMax,
  recogniseImportTokenRepeat,
  refuseHastyImportToken,
  retrieveImportToken,
  usableImportToken,
  type ImportToken,
  type ImportTokenOperation,
  type ImportTokenRecord,
  type ImportTokenRepeat,
  type ImportTokenVerdict,
  type ImportTokenView,
  type NewImportToken,
} from './import-token.ts';
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
export { isOriginAllowed, networks, type Network, type Origin } from './network-policy.ts';
export type { DomainReasonCode, DomainRefusal } from './refusal.ts';
export {
  checkRegistrationDescription,
  checkRegistrationMetadata,
  createRegistration,
  deleteRegistration,
  erasedRegistration,
  livingRegistration,
  noteDeregistration,
  noteRegistration,
  refuseProtected,
  registrationMetadataMaxChars,
  registrationSerialOf,
  registrationsPerKeyMax,
  updateRegistration,
  withdrawnRegistration,
  type DeletedRegistration,
  type Registration,
  type RegistrationAuthor,
  type RegistrationRecord,
  type RegistrationTransition,
  type RegistrationWishes,
  type WantedRevisions,
} from './registrations.ts';
export {
  checkCrnPattern,
  checkResourceCrn,
  matchesCrn,
  resourceCrnMaxChars,
  serviceNameOf,
} from './resource-crn.ts';
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
  isWithin,
  keyOrder,
  keyRingPageLimitDefault,
  pageLimitDefault,
  pageLimitMax,
  sortProperties,
  type KeyPage,
  type KeySelection,
  type ListedKey,
  type RingSelection,
  type SortClause,
  type SortProperty,
} from './selection.ts';
export { setPolicies, type SetPoliciesInput } from './set-policies.ts';
export { rotationDueAtMs } from './rotation-date.ts';
export { syncKey, syncWaitMs } from './sync-key.ts';
export { packSummary, summaryOf, unpackSummary, type KeySummary } from './summary.ts';
export {
  actionWaitMs,
  deletionAuthorizationMs,
  effectiveState,
  purgeScheduleMs,
  purgeWaitMs,
  restoreWindowMs,
  rotationMonthMs,
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
