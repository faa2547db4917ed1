// The grammar of `search`: what options and terms mean, and that any text at all is read or refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch, searchLengthMax } from './parse-search.ts';

const plain = {
  scopes: ['name', 'alias'],
  isInverted: false,
  isExact: false,
  isAliasNamed: false,
};

/** Halves of surrogate pairs too. */
const anyUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe('a search', () => {
  it.each([
    ['payroll', { term: 'payroll' }],
    ['payroll,', { term: 'payroll' }],
    ['a,b,,', { term: 'a,b,' }],
    ['  pay roll  ', { term: 'pay roll' }],
    ['pay roll , ', { term: 'pay roll' }],
    ['not:payroll', { term: 'payroll', isInverted: true }],
    ['exact:payroll,', { term: 'payroll', isExact: true }],
    ['not:exact:payroll', { term: 'payroll', isInverted: true, isExact: true }],
    ['exact:not:payroll', { term: 'payroll', isInverted: true, isExact: true }],
    ['exact: exact: payroll', { term: 'payroll', isExact: true }],
    ['alias:payroll', { term: 'payroll', scopes: ['alias'], isAliasNamed: true }],
    ['name:payroll', { term: 'payroll', scopes: ['name'] }],
    ['alias:name:payroll', { term: 'payroll', isAliasNamed: true }],
    ['name:not:alias:payroll', { term: 'payroll', isAliasNamed: true, isInverted: true }],
    ['escape:not:payroll,', { term: 'not:payroll' }],
    ['exact:escape:alias: x ,', { term: 'alias: x ', isExact: true }],
    ['escape: x', { term: ' x' }],
    ['escape:escape:', { term: 'escape:' }],
    ['Not:payroll', { term: 'Not:payroll' }],
    ['payroll:not:', { term: 'payroll:not:' }],
  ])('%j is read as %j', (text, wanted) => {
    expect(parseSearch(text)).toEqual({ ok: true, value: { ...plain, ...wanted } });
  });

  it.each(['', ',', '  ', ' ,'])('%j asks for nothing', (text) => {
    expect(parseSearch(text)).toEqual({ ok: true, value: undefined });
  });

  it.each(['not:', 'exact:,', 'alias: ,', 'escape:', 'escape:,', 'x'.repeat(searchLengthMax + 1)])(
    '%j is refused and named',
    (text) => {
      expect(parseSearch(text)).toMatchObject({
        refusal: {
          code: 'INVALID_QUERY_PARAM_ERR',
          target: { type: 'query_param', name: 'search' },
        },
      });
    },
  );

  it('means the same in any order of its options, and escape makes any term literal', () => {
    const options = fc.shuffledSubarray(['not:', 'exact:', 'alias:', 'name:']);
    const term = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(options, term, (given, literal) => {
        const isNamed = given.includes('name:') || given.includes('alias:');
        expect(parseSearch(`${given.join('')}escape:${literal},`)).toEqual({
          ok: true,
          value: {
            term: literal,
            scopes: ['name', 'alias'].filter((scope) => !isNamed || given.includes(`${scope}:`)),
            isInverted: given.includes('not:'),
            isExact: given.includes('exact:'),
            isAliasNamed: given.includes('alias:'),
          },
        });
      }),
    );
  });

  it('never throws, and its term is a part of what was written', () => {
    const piece = fc.oneof(
      fc.constantFrom('not:', 'exact:', 'alias:', 'name:', 'escape:', ',', ' '),
      fc.string({ unit: anyUnit, maxLength: 9 }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        const result = parseSearch(text);
        return result.ok
          ? text.includes(result.value?.term ?? '')
          : result.refusal.target?.name === 'search';
      }),
    );
  });
});
