// What the configuration that an acceptor shows says of its own vote. Not verified: that needs the region's key, which
// watchers do not have. Good enough to tell people why a zone does not vote yet; nothing may be decided by it.
import type { AcceptorStanding } from '@zonehold/caspaxos';

/** The acceptor that shows the configuration. */
export interface ShownBy {
  readonly zone: string;
  readonly incarnation: string;
}

/**
 * `voter` or `learner` when the configuration `text` names the acceptor so, else `not-a-voter`: also for the empty text of an
 * acceptor that no configuration has admitted, and for one that cannot be read.
 */
export function shownVote(
  text: string,
  acceptor: ShownBy,
): Extract<AcceptorStanding, 'voter' | 'learner' | 'not-a-voter'> {
  const { voters, learner } = membersIn(text);
  const isNamedBy = (member: unknown): boolean =>
    isRecord(member) &&
    member['zone'] === acceptor.zone &&
    member['incarnation'] === acceptor.incarnation;
  if (Array.isArray(voters) && voters.some(isNamedBy)) return 'voter';
  return isNamedBy(learner) ? 'learner' : 'not-a-voter';
}

function membersIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const members: unknown = JSON.parse(text);
    return isRecord(members) ? members : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
