// For the simulator's negative controls: the store under rules that may be broken on purpose. Nothing else imports this.
export { createStoreUnderRules, type ProposerRules } from './store.ts';
export { decideRead, type ReadDecision } from './read-decision.ts';
export {
  choose,
  onAcceptReply,
  onPrepareReply,
  openRound,
  type Accepting,
  type Committed,
  type Preparing,
  type Promised,
} from './round.ts';
