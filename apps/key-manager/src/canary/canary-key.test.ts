// The canary over the real store of two zones' key-managers and an honest cipher.
import { Cancellation, Deadline, KmsError, systemRandom } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import type { CryptoClient } from '../crypto-client.ts';
import { startRegion } from '../testing/key-managers.ts';
import { CanaryKey, canaryPolicy, canaryRegister } from './canary-key.ts';

async function perched() {
  const region = await startRegion();
  const { clock, crypto } = region;
  const perch = (manager = region.here, zone = 'us-south-1'): CanaryKey =>
    new CanaryKey({ store: manager.operations.store, crypto, clock, random: systemRandom }, zone);
  const deadline = (): Deadline => Deadline.after(clock, 400);
  const stored = async (zone = 'us-south-1'): Promise<string | null | undefined> => {
    const [state] = await region.here.operations.store.read([canaryRegister(zone)], deadline());
    return state?.value;
  };
  return { ...region, perch, deadline, stored };
}

describe('the canary', () => {
  it('is made when it is first asked, and changed then', async () => {
    const { perch, deadline, stored } = await perched();
    expect(await perch().sing(deadline())).toEqual({ zone: 'us-south-1', changes: 1 });
    expect(JSON.parse((await stored()) ?? '')).toMatchObject({ changes: 1 });
  });

  it('wraps and unwraps each time, and changes only now and then', async () => {
    const { perch, deadline, clock, crypto } = await perched();
    const canary = perch();
    for (let times = 0; times < 10; times += 1) {
      await canary.sing(deadline());
      clock.advance(1_000);
    }
    expect(crypto.countOf('wrap')).toBe(10);
    expect(crypto.countOf('unwrap')).toBe(10);
    expect(await canary.sing(deadline())).toMatchObject({ changes: 2 });
    expect(crypto.countOf('sealMaterial')).toBe(1);
  });

  it('repeats for the other monitors what it sang a moment ago', async () => {
    const { perch, deadline, clock, crypto } = await perched();
    const canary = perch();
    await Promise.all([canary.sing(deadline()), canary.sing(deadline())]);
    clock.advance(canaryPolicy.freshMs - 1);
    await canary.sing(deadline());
    expect(crypto.countOf('wrap')).toBe(1);
    clock.advance(1);
    await canary.sing(deadline());
    expect(crypto.countOf('wrap')).toBe(2);
  });

  it('sings on for the others when the monitor that asked first is gone', async () => {
    const { perch, deadline, clock } = await perched();
    const canary = perch();
    const gone = new Cancellation();
    const first = canary.sing(Deadline.after(clock, 400, gone));
    gone.cancel();
    await expect(canary.sing(deadline())).resolves.toMatchObject({ zone: 'us-south-1' });
    await expect(first).resolves.toMatchObject({ zone: 'us-south-1' });
  });

  it('is another one in each zone, and the same after a restart', async () => {
    const { perch, deadline, stored, elsewhere } = await perched();
    await perch().sing(deadline());
    await perch(elsewhere, 'us-south-2').sing(deadline());
    expect(await stored('us-south-2')).not.toBe(await stored());
    expect(await perch().sing(deadline())).toMatchObject({ changes: 2 });
  });

  it('fails when a crypto-worker does, and sings again when it is back', async () => {
    const { perch, deadline, clock, crypto } = await perched();
    const canary = perch();
    await canary.sing(deadline());
    clock.advance(1_000);
    crypto.failures.set('unwrap', new KmsError('SEALED', 'no root'));
    await expect(canary.sing(deadline())).rejects.toMatchObject({ code: 'SEALED' });
    await expect(canary.sing(deadline())).rejects.toMatchObject({ code: 'SEALED' });
    crypto.failures.delete('unwrap');
    clock.advance(1_000);
    await expect(canary.sing(deadline())).resolves.toMatchObject({ zone: 'us-south-1' });
  });

  it.each([
    ['is not what was wrapped', { ok: true, versionId: 'canary', plaintext: 'AAAA' }],
    ['does not come', { ok: false }],
  ] as const)('fails when what it unwraps %s', async (_how, unwrapped) => {
    const { clock, crypto, here, deadline } = await perched();
    const broken: CryptoClient = Object.assign(Object.create(crypto) as CryptoClient, {
      ...{ createInstanceKey: crypto.createInstanceKey.bind(crypto) },
      ...{ sealMaterial: crypto.sealMaterial.bind(crypto), wrap: crypto.wrap.bind(crypto) },
      unwrap: async () => unwrapped,
    });
    const ports = { store: here.operations.store, crypto: broken, clock, random: systemRandom };
    const sung = new CanaryKey(ports, 'us-south-1').sing(deadline());
    await expect(sung).rejects.toMatchObject({ code: 'INTEGRITY' });
  });

  it('fails when no majority of acceptors answers', async () => {
    const { perch, deadline, clock, memory } = await perched();
    const canary = perch();
    await canary.sing(deadline());
    clock.advance(1_000);
    for (const { zone } of memory.hosts.slice(1)) memory.host(zone).isUp = false;
    await expect(canary.sing(deadline())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
