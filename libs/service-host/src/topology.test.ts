// The topology file and what is read from it.
import { describe, expect, it } from 'vitest';
import { endpointsOf, listenerOf, privatePortsOf, topologySchema } from './topology.ts';

const listener = (port: number) => ({ host: '127.0.0.1', port, opsPort: port + 1 });
const zone = (name: string, base: number) => ({
  zone: name,
  gateway: listener(base),
  'key-manager': listener(base + 10),
  'crypto-worker': listener(base + 20),
  'health-monitor': listener(base + 30),
  redis: { host: '127.0.0.1', port: base + 40, acceptorId: name, incarnation: '01' },
});
const topology = {
  clusterId: 'c-1',
  region: 'us-south',
  regionalPort: 8443,
  zones: [zone('us-south-1', 9_000), zone('us-south-2', 9_100)],
};

describe('the topology', () => {
  it('gives an endpoint for every service of every zone', () => {
    const endpoints = endpointsOf(topologySchema.parse(topology));
    expect(endpoints).toHaveLength(8);
    expect(endpoints).toContainEqual({
      zone: 'us-south-2',
      service: 'crypto-worker',
      host: '127.0.0.1',
      port: 9_120,
    });
  });

  it('says where one service of one zone listens, and nothing for an unknown zone', () => {
    const parsed = topologySchema.parse(topology);
    expect(listenerOf(parsed, 'us-south-1', 'key-manager')).toEqual(listener(9_010));
    expect(listenerOf(parsed, 'us-south-9', 'key-manager')).toBeUndefined();
  });

  it('gives the ports of the private endpoint, where a zone has one', () => {
    expect(privatePortsOf(topologySchema.parse(topology))).toEqual([]);
    const [first, second] = topology.zones;
    const gateway = { ...first?.gateway, private: { host: '10.0.0.1', port: 8444 } };
    const zones = [{ ...first, gateway }, second];
    expect(privatePortsOf(topologySchema.parse({ ...topology, zones }))).toEqual([8444]);
  });

  it('with one zone twice is refused', () => {
    const twice = { ...topology, zones: [zone('a', 9_000), zone('a', 9_100)] };
    expect(topologySchema.safeParse(twice).success).toBe(false);
  });
});
