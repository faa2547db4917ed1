// Which zone's key-manager does an instance's work by date, and who follows when it does not. Pure. An agreement that nobody has
// to keep: whoever acts, the register of each key sees to it that a change is made once.
import { createHash } from 'node:crypto';

/**
 * 0 for the zone whose turn the instance is, 1 for the one that follows, and so on. Each zone comes first for about as many
 * instances as any other (rendezvous hashing), and losing one changes nothing among the others.
 */
export function rankOf(zone: string, zones: readonly string[], instanceId: string): number {
  const own = weight(zone, instanceId);
  return zones.filter((other) => other !== zone && weight(other, instanceId) < own).length;
}

function weight(zone: string, instanceId: string): string {
  return createHash('sha256').update(`${instanceId}/${zone}`).digest('hex');
}
