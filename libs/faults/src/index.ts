export {
  addFault,
  clearFaults,
  listFaults,
  readFaults,
  type FaultAdded,
  type FaultFiles,
  type FaultSelector,
} from './directory.ts';
export { FaultEngine, type FaultEngineOptions } from './fault-engine.ts';
export { actionText, faultText, partyText } from './fault-text.ts';
export { hits, judge, type Fate, type FaultedMessage, type FaultParty } from './judge.ts';
export {
  faultKinds,
  faultLastsMaxMs,
  faultRuleSchema,
  faultRulesMax,
  faultServices,
  faultSpecSchema,
  isInForce,
  type FaultAction,
  type FaultKind,
  type FaultRule,
  type FaultService,
  type FaultSpec,
} from './rule.ts';
