// Whose gateways share a limit, by the links to their key-managers.
import { expect, it } from 'vitest';
import type { LinkState, MeshObserver } from '@zonehold/mesh';
import { ServingZones } from './serving-zones.ts';

function watch() {
  const zones = new ServingZones('z1', ['z1', 'z2', 'z3']);
  const heard: string[] = [];
  const base = {
    linkChanged: (_service: string, zone: string, state: string) => heard.push(`${zone} ${state}`),
  } as unknown as MeshObserver;
  const observer = zones.watching(base);
  const linkChanged = (service: 'key-manager', zone: string, state: LinkState, why: string): void =>
    observer.linkChanged(service, zone, state, why);
  return { zones, heard, linkChanged };
}

it('all zones serve until one is lost, and again when it is back', () => {
  const { zones, heard, linkChanged } = watch();
  expect(zones.count).toBe(3);
  linkChanged('key-manager', 'z2', 'down', 'silent');
  linkChanged('key-manager', 'z2', 'down', 'refused');
  expect(zones.count).toBe(2);
  linkChanged('key-manager', 'z2', 'up', 'connected');
  expect(zones.count).toBe(3);
  expect(heard).toEqual(['z2 down', 'z2 down', 'z2 up']);
});

it('the own zone serves whatever its key-manager does, and strangers do not count', () => {
  const { zones, linkChanged } = watch();
  for (const zone of ['z1', 'z2', 'z3', 'z9']) linkChanged('key-manager', zone, 'down', 'silent');
  expect(zones.count).toBe(1);
});
