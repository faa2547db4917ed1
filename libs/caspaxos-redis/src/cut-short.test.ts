import { describe, expect, it } from 'vitest';
import { isCutShort } from './cut-short.ts';

const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const set = command('HSET', 'r:{scope}:key', 'v', 'a text\r\nof $2\r\nlines', 'seq', '12');
const transaction = command('MULTI') + set + set + command('EXEC');
const cut = (text: string): boolean => isCutShort(Buffer.from(text));

describe('a log', () => {
  it('that ends anywhere inside a command was cut short', () => {
    for (let length = 1; length < set.length; length += 1) {
      expect([length, cut(set.slice(0, length))]).toEqual([length, true]);
    }
  });

  it('that ends anywhere inside a transaction was cut short, also between its commands', () => {
    for (let length = 1; length < transaction.length; length += 1) {
      expect([length, cut(set + transaction.slice(0, length))]).toEqual([length, true]);
    }
  });

  it.each([
    ['ends with a whole command', set],
    ['ends with a whole transaction', transaction],
    ['is empty', ''],
  ])('that %s was not', (_what, text) => {
    expect(cut(text)).toBe(false);
  });

  it.each([
    ['text', 'garbage\r\n'],
    ['zeroes, as a file system leaves them', '\0\0\0\0'],
    ['a length without digits', '*\r\n'],
    ['a length with a sign', '*-1\r\n'],
    ['a length without end', `*${'1'.repeat(11)}`],
    ['an argument of another type', '*1\r\n:5\r\n'],
    ['an argument longer than it says', '*1\r\n$3\r\nHSET\r\n'],
    ['a line that ends otherwise', '*1\n$4\nPING\n'],
    ['a return without a line feed', '*1\r$4'],
  ])('that ends with %s is damaged', (_what, text) => {
    expect(cut(set + text)).toBe(false);
    expect(cut(set + text + set.slice(0, 5))).toBe(false);
  });
});
