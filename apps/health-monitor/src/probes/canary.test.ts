// The canary's probe: what each end of the call says of the zone.
import type { MeshClient } from '@zonehold/mesh';
import { KmsError, systemClock, type KmsErrorCode } from '@zonehold/primitives';
import { describe, expect, it } from 'vitest';
import { noAnswer, probe } from '../probe.ts';
import { canaryProbe } from './canary.ts';

async function looked(call: () => Promise<unknown>) {
  const mesh = {
    call: async () => ({ reply: await call(), zone: 'south-1', attempts: 1 }),
  } as unknown as MeshClient;
  const { verdict, reason } = await probe(canaryProbe(mesh, 'south-1'), systemClock);
  return { verdict, reason };
}

describe('a canary probe', () => {
  it('is well when the canary of that zone sings', async () => {
    expect(await looked(async () => ({ zone: 'south-1', changes: 7 }))).toMatchObject({
      verdict: 'ok',
    });
  });

  it('is not well when another zone sings', async () => {
    expect(await looked(async () => ({ zone: 'south-2', changes: 7 }))).toEqual({
      verdict: 'unwell',
      reason: 'Its port is served by a key-manager of south-2.',
    });
  });

  it.each<[KmsErrorCode, string]>([
    ['LINK_LOST', 'refused'],
    ['CIRCUIT_OPEN', 'refused'],
    ['DEADLINE_EXCEEDED', noAnswer.verdict],
    ['UNAVAILABLE', 'unwell'],
    ['INTEGRITY', 'unwell'],
    ['OUTCOME_UNKNOWN', 'unwell'],
    ['OVERLOADED', 'ok'],
  ])('that ends with %s is %s', async (code, verdict) => {
    const failed = async () => {
      throw new KmsError(code, 'for a reason');
    };
    expect(await looked(failed)).toMatchObject({ verdict });
  });
});
