// What the scans of two voters say together. Lists: list-mirror.test.ts, list-mirrors.test.ts.
import { expect, it } from 'vitest';
import { mergeScans } from './listing.ts';

it('two scans name each register once, and none that there cannot be', () => {
  const id = { scope: 'i', name: 'key/1' };
  expect(mergeScans([[id], [id, { scope: 'no/scope', name: 'x' }]])).toEqual([id]);
});
