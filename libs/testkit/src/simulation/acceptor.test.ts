// The pure acceptor under the contract that Redis must keep too.
import { SequenceMemory } from '@zonehold/caspaxos';
import { describeAcceptorContract, type AcceptorSubject } from '../acceptor-contract.ts';
import { describeListContract } from '../acceptor-list-contract.ts';
import { AcceptorHost } from './acceptor-host.ts';
import { HostPort } from './host-port.ts';

async function start(): Promise<AcceptorSubject> {
  const host = new AcceptorHost('us-south-1');
  const { rules } = host;
  return {
    format: async (self, configuration, stamp) =>
      host.decide(rules.format(host.state, self, configuration, stamp)),
    install: async (self, expected, next) =>
      host.decide(rules.installConfiguration(host.state, self, expected, next)),
    port: async (self, peersSeen = {}) => {
      const sequences = new SequenceMemory();
      for (const [acceptorId, seq] of Object.entries(peersSeen)) sequences.observe(acceptorId, seq);
      return new HostPort({
        zone: host.zone,
        place: host.zone,
        recordName: 'acceptor-1',
        self,
        peers: () => [],
        sequences,
        transport: { call: async (_zone, operation) => operation(host) },
      });
    },
    seq: async () => host.state.header?.seq ?? 0,
    peerRecord: async (acceptorId) => host.state.header?.peers[acceptorId] ?? 0,
    close: async () => undefined,
  };
}

describeAcceptorContract('the pure acceptor', start);
describeListContract('the pure acceptor', start);
