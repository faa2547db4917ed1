export {
  defaultKeyRingId,
  keyChanges,
  keyState,
  keyStates,
  newestVersion,
  type AppliedOperation,
  type Key,
  type KeyChange,
  type KeyRecord,
  type KeyState,
  type KeyVersion,
  type PurgedKey,
  type RepeatTokenKind,
  type TokenTail,
} from './key.ts';
export { isAllowed, rolesByRight, type Right } from './rights.ts';
export { roleNames, type RoleName } from './roles.ts';
