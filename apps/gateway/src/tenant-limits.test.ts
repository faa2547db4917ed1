// How much one tenant gets of a gateway, with time as an argument.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentEntries } from './recent-entries.ts';
import { TenantLimits, type AccountLimits, type Admission, type Place } from './tenant-limits.ts';

const wide: AccountLimits = { requestsPerSecond: 1e6, burst: 1e6, inFlightMax: 1e6 };
const narrow = (over: Partial<AccountLimits>): AccountLimits => ({ ...wide, ...over });

function limitsOf(
  limits: { instance?: AccountLimits; credential?: AccountLimits },
  gateways = () => 1,
  accountsMax = 100,
): TenantLimits {
  return new TenantLimits({ instance: wide, credential: wide, ...limits, gateways, accountsMax });
}

function admitted(admission: Admission): Place {
  if (!admission.ok) throw new Error(`refused: ${admission.reason}`);
  return admission.place;
}

/** Lets `credentialId` be served by the instance once. */
function join(limits: TenantLimits, credentialId: string, instanceId: string): void {
  limits.leave(admitted(limits.admit(credentialId, instanceId, 0)), true);
}

/** How many of `count` requests at `nowMs` get in; each leaves at once. */
function served(limits: TenantLimits, count: number, nowMs: number, credential = 'c'): number {
  let result = 0;
  for (let index = 0; index < count; index += 1) {
    const admission = limits.admit(credential, 'i', nowMs);
    if (admission.ok) {
      result += 1;
      limits.leave(admission.place);
    }
  }
  return result;
}

describe('the rate of an instance', () => {
  const instance = narrow({ requestsPerSecond: 10, burst: 20 });

  it('lets a burst through and then so many a second, and says when to come again', () => {
    const limits = limitsOf({ instance });
    join(limits, 'c', 'i');
    expect(served(limits, 30, 0)).toBe(20);
    expect(limits.admit('c', 'i', 0)).toEqual({
      ...{ ok: false, reason: 'instance-rate', retryAfterMs: 100 },
    });
    expect(served(limits, 30, 100)).toBe(1);
    expect(served(limits, 30, 1_100)).toBe(10);
    expect(served(limits, 30, 60_000)).toBe(20);
  });

  it('is one for all credentials of the instance, and none of another’s', () => {
    const limits = limitsOf({ instance });
    for (const credential of ['c', 'd']) join(limits, credential, 'i');
    join(limits, 'c', 'other');
    expect(served(limits, 30, 0, 'c')).toBe(20);
    expect(served(limits, 30, 0, 'd')).toBe(0);
    expect(limits.admit('c', 'other', 0).ok).toBe(true);
  });

  it('is shared out among the gateways that serve, as many as there are now', () => {
    let gateways = 4;
    const limits = limitsOf({ instance }, () => gateways);
    join(limits, 'c', 'i');
    expect(served(limits, 30, 0)).toBe(5);
    gateways = 2;
    expect(served(limits, 30, 60_000)).toBe(10);
    expect(served(limits, 30, 61_000)).toBe(5);
  });

  it('never lets more through than the burst and its time allow', () => {
    const steps = fc.array(fc.tuple(fc.nat(2_000), fc.nat(30)), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (waves) => {
        const limits = limitsOf({ instance });
        join(limits, 'c', 'i');
        let nowMs = 0;
        let total = 0;
        for (const [pauseMs, count] of waves) {
          nowMs += pauseMs;
          total += served(limits, count, nowMs);
          expect(total).toBeLessThanOrEqual(20 + (nowMs * 10) / 1_000 + 1e-6);
        }
      }),
    );
  });
});

describe('a credential that no instance has served', () => {
  const credential = narrow({ requestsPerSecond: 1, burst: 3 });

  it('spends its own, whichever instances it names', () => {
    const limits = limitsOf({ credential });
    for (const named of ['a', 'b', undefined]) {
      limits.leave(admitted(limits.admit('stranger', named, 0)), false);
    }
    expect(limits.admit('stranger', 'c', 0)).toMatchObject({ reason: 'credential-rate' });
    expect(limits.admit('another', 'c', 0).ok).toBe(true);
  });

  it('spends nothing of an instance that serves others', () => {
    const limits = limitsOf({ credential, instance: narrow({ burst: 2 }) });
    join(limits, 'member', 'i');
    for (let time = 0; time < 3; time += 1) {
      limits.leave(admitted(limits.admit('stranger', 'i', 0)), false);
    }
    expect(served(limits, 5, 0, 'member')).toBe(2);
  });

  it('is one again when the instance serves it no more, and not for an answer that nobody gave', () => {
    const limits = limitsOf({ credential: narrow({ burst: 1, requestsPerSecond: 1 }) });
    join(limits, 'c', 'i');
    limits.leave(admitted(limits.admit('c', 'i', 0)));
    limits.leave(admitted(limits.admit('c', 'i', 0)), false);
    expect(limits.admit('c', 'i', 0)).toMatchObject({ reason: 'credential-rate' });
  });
});

describe('places', () => {
  it('of an instance are so many at once, and come back', () => {
    const limits = limitsOf({ instance: narrow({ inFlightMax: 2 }) });
    join(limits, 'c', 'i');
    const places = [1, 2].map(() => admitted(limits.admit('c', 'i', 0)));
    expect(limits.admit('c', 'i', 0)).toEqual({
      ...{ ok: false, reason: 'instance-in-flight', retryAfterMs: 1_000 },
    });
    limits.leave(places[0]!);
    expect(limits.admit('c', 'i', 0).ok).toBe(true);
    expect(limits.admit('c', 'i', 0).ok).toBe(false);
  });

  it('of a newcomer are its own, also when it becomes known meanwhile', () => {
    const limits = limitsOf({ credential: narrow({ inFlightMax: 1 }) });
    const place = admitted(limits.admit('c', 'i', 0));
    expect(limits.admit('c', 'i', 0)).toMatchObject({ reason: 'credential-in-flight' });
    limits.leave(place, true);
    admitted(limits.admit('c', 'i', 0));
    admitted(limits.admit('c', 'i', 0));
  });
});

describe('what is remembered', () => {
  it('is bounded, and what is in use stays', () => {
    const entries = new RecentEntries<number>(10);
    entries.set('used', 0);
    for (let key = 1; key < 1_000; key += 1) {
      entries.set(String(key), key);
      expect(entries.get('used')).toBe(0);
    }
    const kept = Array.from({ length: 1_000 }, (_, key) => String(key));
    expect(kept.filter((key) => entries.get(key) !== undefined).length).toBeLessThanOrEqual(10);
  });

  it('of instances does not grow with the names that strangers make up', () => {
    const limits = limitsOf({ instance: narrow({ burst: 3, requestsPerSecond: 1 }) }, () => 1, 4);
    join(limits, 'c', 'i');
    expect(served(limits, 2, 0)).toBe(2);
    for (let name = 0; name < 100; name += 1) {
      limits.leave(admitted(limits.admit('stranger', `made-up-${name}`, 0)), false);
    }
    expect(served(limits, 5, 0)).toBe(1);
  });
});
