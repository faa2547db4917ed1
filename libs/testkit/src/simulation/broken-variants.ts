// Negative controls: known mistakes, each of which the checkers must catch, or they have stopped checking. They enter
// through seams that production has not: an acceptor's rules, a proposer's rules, wrapped ports, disks and stores.
import { quorumSize, type Authenticator } from '@zonehold/caspaxos';
import { decideRead, type ProposerRules } from '@zonehold/caspaxos/internal';
import type { AcceptorRules } from './acceptor-host.ts';
import { forgetfulRules, lyingRules } from './broken-acceptors.ts';
import { coalesceReads, maxOfQuorum, oneZonesWord, reuseBallots } from './broken-proposers.ts';
import { evictTwo, sealNothing } from './broken-rebuilds.ts';
import type { HostPortOptions } from './host-port.ts';
import type { WrapPort } from './host-ports.ts';
import type { ProcessSeams } from './simulated-process.ts';

/** What a simulation runs instead of the real thing. Nothing given: the real thing. */
export interface Variant extends ProcessSeams {
  readonly acceptorRules?: AcceptorRules;
  readonly proposerRules?: ProposerRules;
  readonly standingOf?: HostPortOptions['standingOf'];
  /** Made once per process. */
  readonly wrapPorts?: (authenticator: Authenticator) => WrapPort;
  /** What processes check MACs with; acceptors hold no key. */
  readonly wrapAuthenticator?: (authenticator: Authenticator) => Authenticator;
  readonly readmitsWiped?: boolean;
  /** The share of callers that give up early; 0.25 or 0.9, by the seed, unless given. */
  readonly hastyChance?: number;
}

/** A zone that lies; harmless while MACs are checked. */
export const lyingZone: Variant = {
  acceptorRules: lyingRules('us-south-3', (register) =>
    register.startsWith('list') ? '-["forged"]' : '-{"current":"forged","opIds":[]}',
  ),
};

/** Each must be caught within 300 seeds; what chance does not find is in straddle.ts. */
export const brokenVariants: Readonly<Record<string, Variant>> = {
  // Our store would carry its own half-made write through; gryadka's caller comes back with another value.
  'a ballot is used again after a failed accept': { wrapPorts: reuseBallots, hastyChance: 0.9 },
  'a read takes the highest ballot of a quorum': {
    proposerRules: { decideRead: maxOfQuorum, quorumSize },
  },
  'an answer rests on the word of one zone': {
    proposerRules: { decideRead: oneZonesWord, quorumSize },
  },
  'a read joins one that is under way': { clientStore: coalesceReads },
  'an acceptor forgets its promise with the accept': { acceptorRules: forgetfulRules },
  'quorums need not intersect': { proposerRules: { decideRead, quorumSize: () => 1 } },
  'MACs are not checked, and one zone lies': {
    ...lyingZone,
    wrapAuthenticator: (authenticator) => ({ ...authenticator, verify: () => true }),
  },
  'a wiped acceptor is readmitted under its old identity': {
    readmitsWiped: true,
    standingOf: () => 'voter',
  },
  'an acceptor on an old disk is not compared with its peers': { standingOf: () => 'voter' },
  'a rebuilt acceptor votes before anything is sealed': { controllerStore: sealNothing },
  'two zones are evicted at once': { controllerStore: evictTwo },
};
