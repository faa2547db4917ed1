// Log lines: their shape, and markers under every secret name that must not appear.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { KmsError, Sensitive } from '@zonehold/primitives';
import { createLog, type Log } from './log.ts';

const marker = 'MARKER-9f2c';

function record(level: 'debug' | 'info' | 'error' = 'debug'): {
  log: Log;
  lines: () => Record<string, unknown>[];
  text: () => string;
} {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const log = createLog({
    service: 'gateway',
    zone: 'south-1',
    region: 'south',
    level,
    destination,
  });
  return {
    log,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => written.join(''),
  };
}

describe('a log line', () => {
  it('is JSON with event, level, time and the process it comes from', () => {
    const { log, lines } = record();
    log.child({ correlationId: 'c-1' }).warn('circuit.open', { durationMs: 3 });
    expect(lines()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
        service: 'gateway',
        zone: 'south-1',
        region: 'south',
        correlationId: 'c-1',
        event: 'circuit.open',
        durationMs: 3,
      },
    ]);
  });

  it('is not written below the level', () => {
    const { log, lines } = record('info');
    log.debug('quiet');
    expect(lines()).toEqual([]);
  });

  it.each([
    'authorization',
    'Authorization',
    'apiKey',
    'apikey',
    'api_key',
    'x-api-key',
    'payload',
    'plaintext',
    'ciphertext',
    'material',
    'sealedMaterial',
    'password',
    'accessToken',
    'token',
    'privateKey',
    'keyPem',
    'sealedInstanceKey',
    'body',
  ])('never shows what is called %s, at any depth', (name) => {
    const { log, text } = record();
    log.info('a.b', { [name]: marker, list: [{ deep: { deeper: { [name]: { x: marker } } } }] });
    log.child({ [name]: marker }).info('c.d');
    expect(text()).not.toContain(marker);
    expect(text()).toContain('[redacted]');
  });

  it('never shows a Sensitive or bytes, wherever they stand', () => {
    const { log, text } = record();
    const secret = new Sensitive(marker);
    log.info('a.b', {
      harmless: secret,
      list: [secret],
      bytes: Buffer.from(marker),
      deep: { bytes: new Uint8Array(4) },
    });
    expect(text()).not.toContain(marker);
    expect(text()).not.toContain(Buffer.from(marker).toString('base64'));
    expect(text()).toContain('[11 bytes]');
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      '[redacted]',
      '"[redacted]"',
      '[redacted]',
    ]);
  });

  it('shows ids, codes and counts as they are', () => {
    const { log, lines } = record();
    log.info('a.b', {
      keyId: 'k-1',
      instanceId: 'i-1',
      tokenKind: 'none',
      count: 3,
      when: new Date(0),
    });
    expect(lines()[0]).toMatchObject({
      keyId: 'k-1',
      instanceId: 'i-1',
      tokenKind: 'none',
      count: 3,
      when: '1970-01-01T00:00:00.000Z',
    });
  });

  it('shows an error with code, outcome and cause, but nothing that hangs on it', () => {
    const { log, lines, text } = record();
    const error = new KmsError('LINK_LOST', 'gone', {
      outcome: 'unknown',
      cause: new Error('reset'),
    });
    log.error('call.failed', { error: Object.assign(error, { request: { note: marker } }) });
    expect(lines()[0]).toMatchObject({
      error: {
        code: 'LINK_LOST',
        outcome: 'unknown',
        message: 'gone',
        cause: { message: 'reset' },
      },
    });
    expect(text()).not.toContain(marker);
  });

  it('survives cycles, huge lists and huge texts', () => {
    const { log, text } = record();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    log.info('a.b', {
      cycle,
      list: Array.from({ length: 1_000 }, () => 'x'),
      long: 'y'.repeat(100_000),
    });
    expect(text().length).toBeLessThan(5_000);
  });
});

describe('an audit event', () => {
  it('is written whatever the level, with its fields as they are', () => {
    const { log, lines } = record('error');
    log.warn('hidden');
    const event = {
      event: 'erasure.done',
      instanceId: 'i-1',
      keyId: 'k-1',
      kind: 'purge',
      requestedAt: '2026-01-01T00:00:00.000Z',
      spreadAt: '2026-01-01T00:00:01.000Z',
      doneAt: '2026-01-01T00:00:02.000Z',
    } as const;
    log.child({}).audit(event);
    expect(lines()).toEqual([expect.objectContaining({ level: 'audit', ...event })]);
  });
});
