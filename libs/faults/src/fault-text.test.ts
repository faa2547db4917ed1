import { expect, it } from 'vitest';
import { actionText, faultText, partyText } from './fault-text.ts';

it('a rule reads as a sentence of what it names, and of nothing else', () => {
  const rule = {
    id: 'f-00000001',
    from: { service: 'redis', zone: 'south-2' },
    to: {},
    legs: 'reply',
    action: { kind: 'delay', delayMs: 200, jitterMs: 50 },
    percent: 30,
    end: 'sender',
    reason: 'a slow disk',
    startedAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:05:00.000Z',
  } as const;
  expect(faultText(rule)).toBe(
    'delay 200 ms (up to 50 more): 30 % of replies from redis of south-2 to anybody',
  );
  expect(
    faultText({
      ...rule,
      ...{ from: { zone: 'south-1' }, to: { service: 'gateway' }, legs: 'both', percent: 100 },
      ...{ action: { kind: 'black-hole' }, routes: ['a.*', 'b'], exceptRoutes: ['ping'] },
      end: 'receiver',
    }),
  ).toBe('black-hole: messages from south-1 to gateway, of a.*, b, except ping, at the receiver');
});

it('actions and parties are named shortly', () => {
  expect(actionText({ kind: 'abort', code: 'SEALED' })).toBe('abort with SEALED');
  expect(actionText({ kind: 'bandwidth', bytesPerSecond: 10_000 })).toBe('bandwidth 10000 bytes/s');
  expect(actionText({ kind: 'delay', delayMs: 5 })).toBe('delay 5 ms');
  expect(partyText({})).toBe('anybody');
});
