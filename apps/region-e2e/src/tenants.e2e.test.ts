// Tenants side by side in one region under mixed load: no answer ever crosses from one to another. ZONEHOLD_TENANTS makes the long
// form of it.
import { beforeAll, describe, expect, it } from 'vitest';
import { attachRegion } from './region.ts';
import { foreignMarks, formTenants, type Tenant } from './tenants.ts';

const region = attachRegion();
const tenantCount = Number(process.env['ZONEHOLD_TENANTS'] ?? 6);
const turnsPerTenant = 15;
/** Tenants that are busy at the same moment. */
const workers = 12;
const formWithinMs = 30_000 + tenantCount * 3_000;
const loadWithinMs = 30_000 + tenantCount * 3_000;
let tenants: Tenant[] = [];

beforeAll(async () => {
  tenants = await formTenants(region, tenantCount);
}, formWithinMs);

/** Every tenant takes its turns, in an order that mixes them. */
async function workAll(): Promise<void> {
  const turns = Array.from({ length: turnsPerTenant }, () => tenants).flat();
  const worker = async (): Promise<void> => {
    for (let tenant = turns.pop(); tenant !== undefined; tenant = turns.pop()) {
      const other = tenants[Math.floor(Math.random() * tenants.length)] ?? tenant;
      if (turns.length % 5 === 0) await tenant.make();
      else await tenant.use(other);
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

describe('tenants under mixed load', () => {
  it(
    'never get an answer that belongs to another',
    async () => {
      await Promise.all(tenants.map((tenant) => tenant.make()));
      await workAll();
      const requests = tenants.reduce((sum, tenant) => sum + tenant.requests, 0);
      const crossings = tenants.flatMap((tenant) => tenant.crossings);
      console.log(
        `tenants: ${tenants.length} tenants, ${requests} requests, ${crossings.length} crossed`,
      );
      expect(crossings).toEqual([]);
      expect(tenants.flatMap(({ failures }) => failures)).toEqual([]);
      expect(requests).toBeGreaterThan(tenantCount * turnsPerTenant);
    },
    loadWithinMs,
  );

  it('would be seen if they did: a mark of another in any answer is found', () => {
    const answer = JSON.stringify({
      resources: [{ name: 'tenant-0002 key' }, { name: 'tenant-0001 key' }],
    });
    expect(foreignMarks(answer, 'tenant-0001')).toEqual(['tenant-0002']);
    expect(foreignMarks(answer.replace('tenant-0002', 'tenant-0001'), 'tenant-0001')).toEqual([]);
  });
});
