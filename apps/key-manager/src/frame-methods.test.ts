import { describe, expect, it } from 'vitest';
import { keyManagerMethods, type HealthReply } from '@zonehold/api-contract';
import { Deadline } from '@zonehold/primitives';
import { frameMethods, type OpenRegion } from './frame-methods.ts';
import { requestOf, startRegion } from './testing/key-managers.ts';

async function serve(isOpen: boolean) {
  const test = await startRegion();
  const self = {
    clusterId: 'c1',
    region: 'us-south',
    zone: 'us-south-1',
    service: 'key-manager',
  } as const;
  const region = (): OpenRegion | undefined => (isOpen ? test.here : undefined);
  const methods = frameMethods({ self, clock: test.clock, region });
  const call = (method: string, body: unknown) =>
    methods[method]!.handle(body, {
      deadline: Deadline.after(test.clock, 1_000),
      correlationId: 'test',
      peer: { ...self, service: 'gateway' },
    });
  return { test, methods, call };
}

describe('the frame methods', () => {
  it('fail as not applied while the region’s keys are unknown, and health says why', async () => {
    const { test, call } = await serve(false);
    for (const method of ['operation', 'issueToken', 'verificationKeys', 'admin'] as const) {
      const answer = call(keyManagerMethods[method], requestOf(test, 'getKeys'));
      await expect(answer).rejects.toMatchObject({ code: 'UNAVAILABLE', outcome: 'not-applied' });
    }
    const health = (await call('health', {})) as HealthReply;
    expect(health.isReady).toBe(false);
    expect(health.reasons).toHaveLength(1);
  });

  it('are ready when a quorum of zones takes part', async () => {
    const { call } = await serve(true);
    expect(await call('health', {})).toMatchObject({
      isReady: true,
      reasons: [],
      zone: 'us-south-1',
    });
  });

  it('let only gateways ask for operations and tokens, and only operators administer', async () => {
    const { methods } = await serve(true);
    expect(methods[keyManagerMethods.operation]?.callers).toEqual(['gateway']);
    expect(methods[keyManagerMethods.issueToken]?.callers).toEqual(['gateway']);
    expect(methods[keyManagerMethods.admin]?.callers).toEqual(['operator']);
    expect(methods[keyManagerMethods.canary]?.callers).toEqual(['health-monitor']);
  });

  it('let the canary sing when the region is open, not before', async () => {
    const open = await serve(true);
    const sung = await open.call(keyManagerMethods.canary, {});
    expect(sung).toEqual({ zone: 'us-south-1', changes: 1 });
    const closed = await serve(false);
    const refused = closed.call(keyManagerMethods.canary, {});
    await expect(refused).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('refuse a request that is not one', async () => {
    const { test, call } = await serve(true);
    const good = requestOf(test, 'getKeys');
    for (const body of [
      null,
      [],
      { ...good, operation: 'toString' },
      { ...good, instanceId: 5 },
      { ...good, caller: {} },
      { ...good, token: { kind: 'other', value: '', parametersHash: '' } },
      { ...good, keyRef: {} },
    ]) {
      const answer = call(keyManagerMethods.operation, body);
      await expect(answer).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});
