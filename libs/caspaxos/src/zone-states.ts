// How each zone's acceptor stands: what its port says, and what part the configuration gives it.
import type { Configuration } from './acceptor-port.ts';
import type { PortSource } from './port-source.ts';
import type { ZoneState } from './register-store.ts';

/** One per zone of the region. A fit acceptor is a voter only where the configuration says so. */
export function zoneStates(ports: PortSource, members: Configuration): readonly ZoneState[] {
  return ports.zones.map((zone) => {
    const { standing, reason } = ports.lastOf(zone)?.standing() ?? {
      standing: 'unreachable',
      reason: 'no port to this zone',
    };
    if (standing !== 'voter' || members.voters.some((voter) => voter.zone === zone)) {
      return { zone, standing, reason };
    }
    return members.learner?.zone === zone
      ? { zone, standing: 'learner', reason: 'it is being rebuilt and does not vote yet' }
      : { zone, standing: 'not-a-voter', reason: 'the configuration is without it' };
  });
}
