// The scripts by themselves, without link and gate: for the test that compares them with the pure acceptor. Nothing else
// imports this.
export {
  acceptCommand,
  installCommand,
  prepareCommand,
  toAcceptReply,
  toInstallReply,
  toPrepareReply,
  type ScriptReply,
} from './script-calls.ts';
export {
  acceptorScripts,
  acceptScript,
  formatScript,
  reincarnateScript,
  installConfigurationScript,
  prepareScript,
} from './scripts.ts';
