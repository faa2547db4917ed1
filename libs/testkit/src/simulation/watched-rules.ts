// Acceptor rules that report what must never be written, whoever asked: an identity that was before, two configurations of
// one epoch, two zones out. The rules themselves are handed in, good or broken.
import {
  type AcceptorHeader,
  type Configuration,
  type ConfiguredAcceptor,
  type Decided,
  type InstallReply,
} from '@zonehold/caspaxos';
import type { AcceptorRules } from './acceptor-host.ts';

const nameOf = ({ zone, acceptorId, incarnation }: ConfiguredAcceptor): string =>
  `${zone}/${acceptorId}/${incarnation}`;

/** `report` gets a sentence for each violation. One set of rules serves one region. */
export function watchedRules(
  rules: AcceptorRules,
  report: (violation: string) => void,
): AcceptorRules {
  const selves = new Set<string>();
  const texts = new Map<number, string>();
  const identity = (decided: Decided<InstallReply>): Decided<InstallReply> => {
    const self = decided.writes?.header.self;
    if (self === undefined) return decided;
    if (selves.has(self)) report(`an incarnation came back without its promises: ${self}`);
    selves.add(self);
    return decided;
  };
  const configuration = ({ configuration: { text } }: AcceptorHeader): void => {
    const next = JSON.parse(text) as Configuration;
    const known = texts.get(next.epoch);
    if (known !== undefined && known !== text) report(`two configurations of epoch ${next.epoch}`);
    texts.set(next.epoch, text);
    if (next.voters.length < 2) report(`two zones are out in epoch ${next.epoch}`);
    const before = texts.get(next.epoch - 1);
    if (before === undefined) return;
    const voters = new Set((JSON.parse(before) as Configuration).voters.map(nameOf));
    const entered = next.voters.filter((voter) => !voters.delete(nameOf(voter))).length;
    if (entered + voters.size > 1) report(`two voters changed with epoch ${next.epoch}`);
  };
  return {
    ...rules,
    format: (...call) => identity(rules.format(...call)),
    reincarnate: (...call) => identity(rules.reincarnate(...call)),
    installConfiguration: (...call) => {
      const decided = rules.installConfiguration(...call);
      if (decided.writes !== undefined) configuration(decided.writes.header);
      return decided;
    },
  };
}
