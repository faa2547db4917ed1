// Nothing that prints may print them, and nothing may read them after they are wiped.
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { secretAccess } from './access.ts';
import { SecretBytes } from './secret-bytes.ts';

const marker = 'marker-that-must-not-print';

describe('secret bytes', () => {
  it('print as [redacted] in templates, JSON and inspectors, alone and inside other objects', () => {
    const secret = SecretBytes.take(Buffer.from(marker));
    const prints = [
      String(secret),
      JSON.stringify(secret),
      JSON.stringify({ inner: { secret } }),
      inspect(secret, { depth: Infinity, showHidden: true }),
      inspect({ inner: [secret] }, { depth: Infinity, showHidden: true }),
    ];
    for (const print of prints) {
      expect(print).toContain('[redacted]');
      expect(print).not.toContain(marker);
    }
    expect(Object.keys(secret)).toEqual([]);
  });

  it('are zeros after spending, also when the spender throws', () => {
    const bytes = Buffer.from(marker);
    const secret = SecretBytes.take(bytes);
    expect(() =>
      secret.spend(secretAccess, () => {
        throw new Error('spender failed');
      }),
    ).toThrow('spender failed');
    expect(bytes).toEqual(Buffer.alloc(marker.length));
    expect(secret.isWiped).toBe(true);
  });

  it('give what the spender returns', () => {
    const secret = SecretBytes.take(Buffer.from([7, 8]));
    expect(secret.spend(secretAccess, (bytes) => bytes[1])).toBe(8);
  });

  it('cannot be read once wiped', () => {
    const secret = SecretBytes.take(Buffer.from(marker));
    secret.wipe();
    secret.wipe();
    expect(() => secret.read(secretAccess)).toThrow('wiped secret');
  });
});
