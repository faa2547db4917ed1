// The acceptors of one region, made together because each one's gate asks the others what they remember of it. Not the
// store: register-store.ts puts the proposer on top.
import { SequenceMemory, type AcceptorStanding } from '@zonehold/caspaxos';
import type { Clock, Random } from '@zonehold/primitives';
import type { SequenceRecords } from './integrity-key.ts';
import { RedisAcceptor } from './redis-acceptor.ts';
import { redisIdentityUri, type RedisTls } from './redis-connection.ts';

/** Where a zone's Redis is and which acceptor it must be. As in topology.json. */
export interface ZoneAddress {
  readonly zone: string;
  readonly host: string;
  readonly port: number;
  readonly acceptorId: string;
  readonly incarnation: string;
}

export interface RegionOptions {
  readonly clusterId: string;
  readonly region: string;
  readonly zones: readonly ZoneAddress[];
  readonly username: string;
  readonly password: string;
  readonly tls: RedisTls;
  readonly clock: Clock;
  readonly random: Random;
  readonly records: SequenceRecords;
  /** How often an open gate looks again; 10 s. */
  readonly gateIntervalMs?: number;
  standingChanged?(zone: string, standing: AcceptorStanding, reason: string): void;
  /** The zone's acceptor showed a forged record of another's sequence. */
  recordForged?(zone: string): void;
}

/** Connects to every zone, in the background; zones that cannot be reached are tried again for ever. Close each when done. */
export function connectRegion(options: RegionOptions): readonly RedisAcceptor[] {
  const { clusterId, region, zones, username, password, tls, clock, random, records } = options;
  const memory = new SequenceMemory();
  const acceptors: RedisAcceptor[] = zones.map(
    ({ zone, host, port, acceptorId, incarnation }) =>
      new RedisAcceptor({
        identity: { clusterId, region, zone, acceptorId, incarnation },
        address: {
          ...{ host, port, username, password, tls },
          identityUri: redisIdentityUri(clusterId, region, zone),
        },
        clock,
        random,
        memory,
        records,
        peerCount: zones.length - 1,
        ...(options.gateIntervalMs !== undefined && { gateIntervalMs: options.gateIntervalMs }),
        askPeers: (recordName, timeoutMs) =>
          askPeers(
            acceptors.filter((acceptor) => acceptor.zone !== zone),
            recordName,
            timeoutMs,
          ),
        recordForged: () => options.recordForged?.(zone),
        standingChanged: (state) => {
          options.standingChanged?.(zone, state.standing, state.reason);
          // It can be asked from now on: the others may wait for it, or be proven older by what it has on record.
          if (state.standing === 'comparing' || state.standing === 'voter') {
            for (const other of acceptors) if (other.zone !== zone) other.recheck();
          }
        },
      }),
  );
  return acceptors;
}

async function askPeers(
  peers: readonly RedisAcceptor[],
  recordName: string,
  timeoutMs: number,
): Promise<readonly number[]> {
  const records = await Promise.all(peers.map((peer) => peer.recordOf(recordName, timeoutMs)));
  return records.filter((record) => record !== undefined);
}
