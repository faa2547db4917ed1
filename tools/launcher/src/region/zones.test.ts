// The formula of ports, and when ports cannot be used together.
import { describe, expect, it } from 'vitest';
import { defaultBasePort, portsProblem, zoneNames, zonePorts } from './zones.ts';

describe('ports of a region', () => {
  it('follow the documented formula: base + 10 per zone, pairs of port and ops port, Redis last', () => {
    expect(zonePorts(8450, 1)).toEqual({
      gateway: { port: 8460, opsPort: 8461 },
      'key-manager': { port: 8462, opsPort: 8463 },
      'crypto-worker': { port: 8464, opsPort: 8465 },
      'health-monitor': { port: 8466, opsPort: 8467 },
      redis: { port: 8468 },
    });
  });

  it('are all different in all three zones', () => {
    const ports = [0, 1, 2].flatMap((index) => {
      const { redis, ...services } = zonePorts(8450, index);
      return [
        redis.port,
        ...Object.values(services).flatMap(({ port, opsPort }) => [port, opsPort]),
      ];
    });
    expect(new Set(ports).size).toBe(27);
  });

  it('begin above the regional port by default and do not collide with it', () => {
    expect(portsProblem(8443, defaultBasePort(8443))).toBeUndefined();
  });

  it.each([
    [8450, 8450],
    [8479, 8450],
  ])('are refused when the regional port %i lies inside them', (port, base) => {
    expect(portsProblem(port, base)).toContain('inside');
  });

  it('may end at 65535 and not above', () => {
    expect(portsProblem(8443, 65_506)).toBeUndefined();
    expect(portsProblem(8443, 65_507)).toContain('too high');
  });
});

describe('zones', () => {
  it('are named after the region', () => {
    expect(zoneNames('eu-de')).toEqual(['eu-de-1', 'eu-de-2', 'eu-de-3']);
  });
});
