// replace-acceptor: a zone's Redis gives way to another one. Says what will happen before it does; the rebuild controller does it.
import type { AdminReplies } from '@zonehold/api-contract';
import type { DiskLook } from '@zonehold/caspaxos';
import { KmsError } from '@zonehold/primitives';
import type { AdminPorts } from './admin.ts';
import type { AdminRequestOf } from './admin-request.ts';

/**
 * The plan, and unless it is only asked for the plan, opens the replacement. Asking again while it runs, or after it has
 * ended, changes nothing. NOT_FOUND for an unknown zone.
 */
export async function replaceAcceptor(
  ports: AdminPorts,
  { zone, host, port, isPlanOnly }: AdminRequestOf<'replace-acceptor'>,
): Promise<AdminReplies['replace-acceptor']> {
  const { store, rebuilds } = ports;
  if (!store.zones().some((state) => state.zone === zone)) {
    throw new KmsError('NOT_FOUND', `there is no zone ${zone}`);
  }
  const address = { host, port };
  const plan = planOf(ports, zone, `${host}:${port}`);
  const { open } = await rebuilds.record();
  const isOurs = open?.zone === zone && open.address?.host === host && open.address.port === port;
  if (isOurs || rebuilds.isAt(zone, address)) return { plan, isStarted: true, refusal: '' };
  const refusal =
    open === null || (open.zone === zone && !rebuilds.hasVote(zone))
      ? refusalOf(ports, zone, await rebuilds.lookAt(zone, address), isPlanOnly)
      : `${open.zone} is being rebuilt; one zone at a time`;
  if (refusal !== '' || isPlanOnly) return { plan, isStarted: false, refusal };
  const started = await rebuilds.replace(zone, address);
  return started === undefined
    ? { plan, isStarted: false, refusal: 'another rebuild has just begun' }
    : { plan, isStarted: true, refusal: '' };
}

function othersThan({ store }: AdminPorts, zone: string): readonly string[] {
  return store
    .zones()
    .map((state) => state.zone)
    .filter((other) => other !== zone);
}

function planOf(ports: AdminPorts, zone: string, place: string): string[] {
  const others = othersThan(ports, zone).join(' and ');
  return [
    `The acceptor of ${zone} loses its vote; from then on every change needs ${others}.`,
    `The empty Redis at ${place} gets an identity of its own and learns along.`,
    `Every register is sealed in ${others} and copied to ${place}, while the region serves.`,
    `The acceptor at ${place} votes for ${zone}; any one zone may fail again.`,
    `The old Redis of ${zone} is not asked any more; its data stays until someone removes it.`,
  ];
}

/** Why the replacement must not begin; empty when it may. */
function refusalOf(ports: AdminPorts, zone: string, look: DiskLook, isPlanOnly: boolean): string {
  const unfit = ports.store
    .zones()
    .find((state) => state.zone !== zone && state.standing !== 'voter');
  if (unfit !== undefined) {
    return `${unfit.zone} does not vote (${unfit.standing}); all other zones are needed`;
  }
  switch (look.kind) {
    case 'empty':
      return '';
    case 'held':
      return `the Redis there is not empty: it is ${look.self}`;
    case 'unsafe':
      return `the Redis there is not safe: ${look.reason}`;
    case 'unreachable':
      // Who agrees to the plan starts that Redis then.
      if (isPlanOnly) return '';
      return `there is no Redis to be reached: ${look.reason}`;
  }
}
