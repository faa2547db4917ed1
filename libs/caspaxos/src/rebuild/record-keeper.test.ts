// The rebuild's register in the hands of two controllers, over a store that is only this one register.
import { Deadline, ManualClock } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegisterStore } from '../register-store.ts';
import { leaseMs, RecordKeeper } from './record-keeper.ts';
import { decodeRebuild, type OpenRebuild, type RebuildRecord } from './record.ts';

let clock: ManualClock;
let value: string | null;
let here: RecordKeeper;
let rival: RecordKeeper;

const deadline = Deadline.after(new ManualClock(), 60_000);
const request = { zone: 'zone-1', cause: 'wiped', incarnation: 'a', address: undefined } as const;
const record = (): RebuildRecord => decodeRebuild(value);
const sealed = (done: number) => ({
  stamp: '0000000000000003:0123456789abcdef0123456789abcdef',
  cursor: `row ${done}`,
  ...{ done, total: 10, startedAtMs: 0, isComplete: done === 10 },
});

function keeperAt(holder: string, at = clock): RecordKeeper {
  const store: Partial<RegisterStore> = {
    read: async () => [{ ballot: '', value }],
    change: async (_id, change) => {
      const decision = change(value);
      if (decision.kind === 'write') ({ value } = decision);
      return { result: decision.result, state: { ballot: '', value } };
    },
  };
  return new RecordKeeper({ store: store as RegisterStore, clock: at, holder });
}

beforeEach(() => {
  clock = new ManualClock();
  value = null;
  here = keeperAt('here');
  rival = keeperAt('rival');
});

async function opened(keeper = here): Promise<OpenRebuild> {
  const open = await keeper.open(request, deadline);
  if (open === null) throw new Error('nothing is open');
  return open;
}

describe('the lease', () => {
  it('is with who opened the rebuild, and no rival gets it while it lasts', async () => {
    await opened();
    expect(await rival.lease(deadline)).toBeUndefined();
    expect(await here.lease(deadline)).toMatchObject({ lease: { holder: 'here' } });
  });

  it('goes to a rival when its holder has said nothing for as long as it lasts', async () => {
    await opened();
    clock.advance(leaseMs + 1);
    expect(await rival.lease(deadline)).toMatchObject({ lease: { holder: 'rival' } });
    expect(await here.lease(deadline)).toBeUndefined();
  });

  it('does not stop the work when it was taken by a clock that is hours ahead', async () => {
    const ahead = keeperAt('ahead', new ManualClock(clock.wallMs() + 3_600_000));
    await opened(ahead);
    expect(record().lease?.untilMs).toBeGreaterThan(clock.wallMs() + 2 * leaseMs);
    expect(await here.lease(deadline)).toMatchObject({ lease: { holder: 'here' } });
  });

  it('is not given for nothing: there must be a rebuild', async () => {
    expect(await here.lease(deadline)).toBeUndefined();
    expect(value).toBeNull();
  });
});

describe('a rebuild that is open', () => {
  it('is not opened a second time', async () => {
    const first = await opened();
    const other = { ...request, zone: 'zone-2' };
    expect(await rival.open(other, deadline)).toEqual(first);
  });

  it('takes no progress from who lost the lease', async () => {
    await opened();
    expect(await here.saveSeal(sealed(3), deadline)).toBe(true);
    clock.advance(leaseMs + 1);
    expect(await rival.saveSeal(sealed(5), deadline)).toBe(true);
    expect(await here.saveSeal(sealed(4), deadline)).toBe(false);
    expect(record().open?.seal?.done).toBe(5);
  });

  it('is not closed by who lost the lease', async () => {
    const open = await opened();
    clock.advance(leaseMs + 1);
    await rival.lease(deadline);
    await here.close(open, deadline);
    expect(record().open).toMatchObject({ zone: 'zone-1' });
    await rival.close(open, deadline);
    expect(record()).toMatchObject({ open: null, lease: null, last: { zone: 'zone-1' } });
  });

  it('is not closed in the place of an earlier one of the same zone', async () => {
    const earlier = await opened();
    await here.close(earlier, deadline);
    clock.advance(1_000);
    await opened();
    await here.close(earlier, deadline);
    expect(record().open).toMatchObject({ zone: 'zone-1' });
  });

  it('goes to another address when it is of that zone, and only then', async () => {
    await opened();
    const address = { host: 'h', port: 1 };
    await rival.redirect('zone-2', address, deadline);
    expect(record().open?.address).toBeUndefined();
    await rival.redirect('zone-1', address, deadline);
    expect(record().open?.address).toEqual(address);
  });

  it('says what it waits for until it goes on, in a sentence of bounded length', async () => {
    await opened();
    await here.wait('x'.repeat(1_000), deadline);
    expect(record().open?.waitsFor).toHaveLength(200);
    await here.saveSeal(sealed(1), deadline);
    expect(record().open?.waitsFor).toBeUndefined();
  });
});
