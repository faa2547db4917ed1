export type {
  AcceptorStanding,
  ChangeFunction,
  Decision,
  ListEntry,
  RegisterId,
  RegisterState,
  RegisterStore,
  ZoneState,
} from './register-store.ts';
