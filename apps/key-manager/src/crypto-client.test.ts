import { describe, expect, it } from 'vitest';
import type { CallOptions, MeshClient } from '@zonehold/mesh';
import { Deadline, KmsError, ManualClock } from '@zonehold/primitives';
import { createCryptoClient } from './crypto-client.ts';

const clock = new ManualClock();
const request = {
  sealedInstanceKey: 's',
  instanceId: 'i',
  keyId: 'k',
  versions: [],
  ciphertext: 'c',
  aad: [],
  mode: 'unwrap',
} as const;

/** A mesh that fails with `failures` in turn and then answers. */
function meshFailing(...failures: KmsError[]): { mesh: MeshClient; calls: CallOptions[] } {
  const calls: CallOptions[] = [];
  const mesh: MeshClient = {
    call: async (_service, _method, _body, options) => {
      calls.push(options);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return { reply: { ok: false } as never, zone: 'us-south-2', attempts: 1 };
    },
    close: async () => undefined,
  };
  return { mesh, calls };
}

const unwrapBy = (mesh: MeshClient, timeoutMs = 1_000) =>
  createCryptoClient(mesh).unwrap(request, {
    deadline: Deadline.after(clock, timeoutMs),
    correlationId: 'test',
  });
const lost = () => new KmsError('LINK_LOST', 'the link fell silent', { outcome: 'unknown' });

describe('a call whose link broke under it', () => {
  it('is made once more', async () => {
    const { mesh, calls } = meshFailing(lost());
    expect(await unwrapBy(mesh)).toEqual({ ok: false });
    expect(calls.map(({ retry }) => retry)).toEqual(['unsent', 'unsent']);
  });

  it('is not made a third time, and was not applied: a worker keeps nothing', async () => {
    const { mesh, calls } = meshFailing(lost(), lost());
    await expect(unwrapBy(mesh)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      outcome: 'not-applied',
    });
    expect(calls).toHaveLength(2);
  });

  it('is not made again when there is no time for it', async () => {
    const { mesh, calls } = meshFailing(lost());
    await expect(unwrapBy(mesh, 40)).rejects.toMatchObject({ outcome: 'not-applied' });
    expect(calls).toHaveLength(1);
  });
});

describe('a call that a worker refused', () => {
  it('fails with the worker’s code at once', async () => {
    const { mesh, calls } = meshFailing(new KmsError('INTEGRITY', 'sealed data do not open'));
    await expect(unwrapBy(mesh)).rejects.toMatchObject({ code: 'INTEGRITY' });
    expect(calls).toHaveLength(1);
  });
});
