import { expect, it } from 'vitest';
import { isRegisterId } from './register-id.ts';

it.each([
  ['a scope and a name', { scope: 'region', name: 'rebuild' }, true],
  ['a name with parts', { scope: 'i-1', name: 'key/0-1' }, true],
  ['a scope with parts', { scope: 'i/1', name: 'key' }, false],
  ['nothing', { scope: '', name: '' }, false],
  ['a name that is too long', { scope: 'i', name: 'k'.repeat(101) }, false],
  ['no scope at all', { scope: undefined, name: 'key' }, false],
  ['no name at all', { scope: 'i', name: null }, false],
  ['a line break', { scope: 'i', name: 'key\n' }, false],
])('%s', (_what, id, isOne) => {
  expect(isRegisterId(id as never)).toBe(isOne);
});
