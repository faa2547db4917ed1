import { describe, expect, it } from 'vitest';
import type { Topology } from '@zonehold/service-host';
import { versioned } from './topology-version.ts';

const listener = { host: '127.0.0.1', port: 2, opsPort: 3 };
const topology = (regionalPort = 1): Topology => ({
  ...{ clusterId: 'c1', region: 'south', regionalPort },
  zones: [
    {
      zone: 'south-1',
      ...{ gateway: listener, 'key-manager': listener, 'crypto-worker': listener },
      'health-monitor': listener,
      redis: { host: '127.0.0.1', port: 4, acceptorId: 'a1', incarnation: 'i1' },
    },
  ],
});
const before = (value: unknown): string => JSON.stringify(value);

describe('the version of a topology', () => {
  it('stays while the topology does', () => {
    const text = before({ version: 7, ...topology() });
    expect(versioned(topology(), text, 1_000).version).toBe(7);
  });

  it('is the time when something changed, when there was none, and when nobody can read what was', () => {
    expect(versioned(topology(2), before({ version: 7, ...topology() }), 1_000).version).toBe(
      1_000,
    );
    expect(versioned(topology(), before(topology()), 1_000).version).toBe(1_000);
    expect(versioned(topology(), undefined, 1_000).version).toBe(1_000);
    expect(versioned(topology(), '{', 1_000).version).toBe(1_000);
  });

  it('rises although the clock went back', () => {
    expect(versioned(topology(2), before({ version: 7, ...topology() }), 3).version).toBe(8);
  });
});
