// What a rebuild does next, from what is decided and what is seen. Pure: any number of controllers may ask it at any time and
// do what it says; the configuration register lets one of them win (docs/replication.md, "Rebuild").
import type { AcceptorAddress, Configuration, ConfiguredAcceptor } from '../acceptor-port.ts';
import { blankStamp, epochOf, parseSelf, selfOf, type AcceptorIdentity } from '../configuration.ts';
import type { AcceptorStanding } from '../register-store.ts';
import type { SeenAcceptor } from '../acceptor.ts';
import type { DiskLook } from './disk.ts';
import type { OpenRebuild, RebuildCause } from './record.ts';

/** A zone as the region was formed with it. */
export interface HomeAcceptor {
  readonly zone: string;
  readonly acceptorId: string;
}

/** What a controller knows at one moment. */
export interface RebuildView {
  readonly clusterId: string;
  readonly region: string;
  /** Every zone of the region. */
  readonly homes: readonly HomeAcceptor[];
  /** The configuration decided last, installed on all its voters but those in `notInstalled`. */
  readonly configuration: Configuration;
  readonly notInstalled: readonly string[];
  readonly open: OpenRebuild | null;
  readonly standings: ReadonlyMap<string, AcceptorStanding>;
  /** Disks that were looked at: of every zone without a vote, and of those whose standing is in doubt. */
  readonly looks: ReadonlyMap<string, DiskLook>;
}

export type RebuildStep =
  | { readonly kind: 'idle' }
  | { readonly kind: 'wait'; readonly zone: string; readonly reason: string }
  | {
      readonly kind: 'open';
      readonly zone: string;
      readonly cause: RebuildCause;
      readonly incarnation: string;
      readonly address: AcceptorAddress | undefined;
    }
  | {
      readonly kind: 'configure';
      readonly zone: string;
      readonly what: 'evict' | 'admit' | 'drop-learner' | 'promote';
      readonly next: Configuration;
    }
  | { readonly kind: 'format'; readonly zone: string; readonly acceptorId: string }
  | {
      readonly kind: 'reincarnate';
      readonly zone: string;
      readonly seen: SeenAcceptor;
    }
  | { readonly kind: 'seal'; readonly zone: string }
  | { readonly kind: 'close'; readonly zone: string };

const idle: RebuildStep = { kind: 'idle' };

/** The one next step. */
export function nextStep(view: RebuildView): RebuildStep {
  const { configuration, homes } = view;
  const absent = homes.filter(
    ({ zone }) => !configuration.voters.some((voter) => voter.zone === zone),
  );
  const [home] = absent;
  if (home === undefined)
    return view.open === null ? findLost(view) : whileAllVote(view, view.open);
  if (absent.length > 1) return wait(home.zone, 'more than one zone has no vote');
  const behind = view.notInstalled.find((zone) => zone !== home.zone);
  if (behind !== undefined) return wait(behind, 'it has not installed the configuration yet');
  if (view.open === null) {
    return opening(view, home);
  }
  return configuration.learner === null
    ? whileEvicted(view, home, view.open)
    : whileLearning(view, home, configuration.learner, view.open);
}

/** All zones vote and nothing is under way: has one lost its memory? */
function findLost(view: RebuildView): RebuildStep {
  const lost = view.homes.filter((home) => isLost(view, home));
  const [home] = lost;
  if (home === undefined) return idle;
  if (lost.length > 1) {
    return wait(home.zone, 'two zones have lost their memory; a rebuild needs all the others');
  }
  return opening(view, home);
}

function opening(view: RebuildView, home: HomeAcceptor): RebuildStep {
  const member = view.configuration.voters.find(({ zone }) => zone === home.zone);
  return {
    kind: 'open',
    zone: home.zone,
    cause: causeOf(view, home),
    incarnation: member?.incarnation ?? '',
    address: member?.address,
  };
}

/** Its disk is empty, or ours but not the one that was configured, or older than what it had answered. */
function isLost(view: RebuildView, home: HomeAcceptor): boolean {
  if (view.standings.get(home.zone) === 'rolled-back') return true;
  const look = view.looks.get(home.zone);
  if (look?.kind === 'empty') return true;
  const member = view.configuration.voters.find(({ zone }) => zone === home.zone);
  if (look?.kind !== 'held' || member === undefined) return false;
  return look.self !== selfIn(view, member) && ownIdentity(view, home, look.self) !== undefined;
}

function causeOf(view: RebuildView, home: HomeAcceptor): RebuildCause {
  if (view.standings.get(home.zone) === 'rolled-back') return 'rolled-back';
  return view.looks.get(home.zone)?.kind === 'held' ? 'old-incarnation' : 'wiped';
}

/** A rebuild is open and all zones vote: it has just begun, or has just ended. */
function whileAllVote(view: RebuildView, open: OpenRebuild): RebuildStep {
  const { configuration } = view;
  const home = view.homes.find(({ zone }) => zone === open.zone);
  const member = configuration.voters.find(({ zone }) => zone === open.zone);
  if (home === undefined || member === undefined) return { kind: 'close', zone: open.zone };
  // An empty disk may turn out to have been the wrong one; a disk that was once seen to be old stays so, for whoever looks.
  const isCertain = open.cause === 'replaced' || open.cause === 'rolled-back';
  const isSame = member.incarnation === open.incarnation;
  if (!isSame || !(isCertain || isLost(view, home))) {
    // Not seen is not cured: who cannot reach it must not call the rebuild off.
    const isSeen = !isSame || view.standings.get(open.zone) === 'voter';
    if (!isSeen) return wait(open.zone, 'nobody can say what its Redis holds');
    return { kind: 'close', zone: open.zone };
  }
  // One that is an epoch behind now would be two behind, and then nothing brings it up.
  const behind = view.notInstalled.find((zone) => zone !== open.zone);
  if (behind !== undefined) return wait(behind, 'it has not installed the configuration yet');
  const unfit = view.homes.find(
    ({ zone }) => zone !== open.zone && view.standings.get(zone) !== 'voter',
  );
  if (unfit !== undefined) {
    // A zone that lost its memory goes before one that only moves; the operator asks again.
    const isYielding = open.cause === 'replaced' && isLost(view, unfit);
    if (isYielding) return { kind: 'close', zone: open.zone };
    return wait(unfit.zone, 'all other zones must vote for a rebuild');
  }
  const voters = configuration.voters.filter(({ zone }) => zone !== open.zone);
  return configure(view, open.zone, 'evict', { voters, learner: null });
}

/** The zone has no vote and no place: its disk must be blank, with an incarnation that never was. */
function whileEvicted(view: RebuildView, home: HomeAcceptor, open: OpenRebuild): RebuildStep {
  const { zone, acceptorId } = home;
  const look = view.looks.get(zone);
  if (look === undefined || look.kind === 'unreachable') {
    return wait(zone, `its Redis cannot be reached${look === undefined ? '' : `: ${look.reason}`}`);
  }
  if (look.kind === 'unsafe') return wait(zone, `its Redis is not safe: ${look.reason}`);
  if (look.kind === 'empty') return { kind: 'format', zone, acceptorId };
  const self = ownIdentity(view, home, look.self);
  if (self === undefined) {
    return wait(zone, `its Redis holds data of ${look.self}; empty it by hand if it is not needed`);
  }
  if ((epochOf(look.stamp) ?? 0) > view.configuration.epoch) {
    // A rival went on since the configuration was read: this one may be learning, or voting.
    return wait(zone, 'it holds a newer configuration');
  }
  if (look.stamp !== blankStamp) return { kind: 'reincarnate', zone, seen: seenIn(look) };
  const learner: ConfiguredAcceptor = {
    ...{ zone, acceptorId, incarnation: self.incarnation },
    ...(open.address === undefined ? {} : { address: open.address }),
  };
  const { voters } = view.configuration;
  return configure(view, zone, 'admit', { voters, learner });
}

function whileLearning(
  view: RebuildView,
  { zone }: HomeAcceptor,
  learner: ConfiguredAcceptor,
  open: OpenRebuild,
): RebuildStep {
  const { voters } = view.configuration;
  const look = view.looks.get(zone);
  if (look === undefined || look.kind === 'unreachable') {
    return wait(zone, 'its Redis cannot be reached');
  }
  if (look.kind === 'unsafe') return wait(zone, `its Redis is not safe: ${look.reason}`);
  const isLearner = look.kind === 'held' && look.self === selfIn(view, learner);
  // It lost its memory once more, or an operator put another disk there.
  if (!isLearner) return configure(view, zone, 'drop-learner', { voters, learner: null });
  // On an older disk, its identity is one that is known for what it no longer holds.
  if (view.standings.get(zone) === 'rolled-back') {
    return { kind: 'reincarnate', zone, seen: seenIn(look) };
  }
  if (view.notInstalled.includes(zone)) {
    // Admitted once before, and left: it cannot follow from there.
    const isLeftBehind =
      look.stamp !== blankStamp && (epochOf(look.stamp) ?? 0) < view.configuration.epoch;
    if (isLeftBehind) return { kind: 'reincarnate', zone, seen: seenIn(look) };
    return wait(zone, 'it has not installed the configuration yet');
  }
  if (open.seal?.isComplete !== true || open.seal.stamp !== look.stamp) {
    return { kind: 'seal', zone };
  }
  return configure(view, zone, 'promote', { voters: [...voters, learner], learner: null });
}

function configure(
  view: RebuildView,
  zone: string,
  what: 'evict' | 'admit' | 'drop-learner' | 'promote',
  { voters, learner }: Omit<Configuration, 'epoch'>,
): RebuildStep {
  const next: Configuration = { epoch: view.configuration.epoch + 1, voters, learner };
  return { kind: 'configure', zone, what, next };
}

function seenIn({ self, stamp }: SeenAcceptor): SeenAcceptor {
  return { self, stamp };
}

function wait(zone: string, reason: string): RebuildStep {
  return { kind: 'wait', zone, reason };
}

function selfIn({ clusterId, region }: RebuildView, acceptor: ConfiguredAcceptor): string {
  const { zone, acceptorId, incarnation } = acceptor;
  return selfOf({ clusterId, region, zone, acceptorId, incarnation });
}

/** The identity that `self` names if it is of this very zone, whatever the incarnation; undefined for a stranger's. */
function ownIdentity(
  { clusterId, region }: RebuildView,
  { zone, acceptorId }: HomeAcceptor,
  self: string,
): AcceptorIdentity | undefined {
  const identity = parseSelf(self);
  const isOurs =
    identity?.clusterId === clusterId &&
    identity.region === region &&
    identity.zone === zone &&
    identity.acceptorId === acceptorId;
  return isOurs ? identity : undefined;
}
