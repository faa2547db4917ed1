// zones: what this process knows of each zone's acceptor.
import type { AdminReplies } from '@zonehold/api-contract';
import type { AdminPorts } from './admin.ts';

export async function zones(ports: Pick<AdminPorts, 'store'>): Promise<AdminReplies['zones']> {
  return { zones: ports.store.zones().map((zone) => ({ ...zone })) };
}
