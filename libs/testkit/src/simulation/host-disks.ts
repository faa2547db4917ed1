// The disks of a simulated region for its rebuild controllers: errands over the same network as everything else.
import {
  blankConfiguration,
  blankStamp,
  type DiskLook,
  type InstallReply,
  type UnreachableReply,
  type ZoneDisks,
} from '@zonehold/caspaxos';
import type { AcceptorHost } from './acceptor-host.ts';
import type { Transport } from './host-port.ts';
import { placeOf, type OperatorsFile } from './memory-store.ts';

const unreachable: UnreachableReply & DiskLook = {
  kind: 'unreachable',
  wasSent: true,
  reason: 'no answer',
};

/** Disks reached by one process's transport, that of a zone without an address where the operator's file says. */
export function createHostDisks(transport: Transport, file: OperatorsFile = new Map()): ZoneDisks {
  return {
    at: (zone, address) => {
      const place = placeOf(zone, address ?? file.get(zone));
      // As on a connection of its own: to one run of the server, and carried out once at most.
      const errand = async (
        run: (host: AcceptorHost) => InstallReply,
        timeoutMs: number,
      ): Promise<InstallReply | UnreachableReply> => {
        const connected = await transport.call(place, (host) => host.run, timeoutMs);
        if (connected === undefined) return unreachable;
        let isDone = false;
        const reply = await transport.call(
          place,
          (host) => {
            if (host.run !== connected || isDone) return unreachable;
            isDone = true;
            return run(host);
          },
          timeoutMs,
        );
        return reply ?? unreachable;
      };
      return {
        look: async (timeoutMs) => (await transport.call(place, lookAt, timeoutMs)) ?? unreachable,
        format: (self, timeoutMs) =>
          errand(
            (host) =>
              host.decide(host.rules.format(host.state, self, blankConfiguration, blankStamp)),
            timeoutMs,
          ),
        reincarnate: (seen, nextSelf, timeoutMs) =>
          errand(
            (host) => host.decide(host.rules.reincarnate(host.state, seen, nextSelf)),
            timeoutMs,
          ),
        rewriteLog: async () => undefined,
      };
    },
  };
}

function lookAt({ isUnsafe, state: { header, registers } }: AcceptorHost): DiskLook {
  if (isUnsafe) return { kind: 'unsafe', reason: 'its settings are not safe' };
  if (header !== null) return { kind: 'held', self: header.self, stamp: header.stamp };
  return registers.size === 0 ? { kind: 'empty' } : { kind: 'unsafe', reason: 'no identity' };
}
