// Who counts, as tables. Monitors are named by a letter.
import { describe, expect, it } from 'vitest';
import { zoneViewPolicy } from '../zone-view.ts';
import { electorateOf, majorityOf, wordLifeMs, type HeardWord } from './electorate.ts';
import { readWord, type Word } from './word.ts';

const word = (observer: string, hears: string, more: Partial<Word> = {}): Word => ({
  ...{ observer, isIsolated: false, hears: hears.split(''), zones: {}, traffic: {}, drains: [] },
  ...more,
});
const heard = (spoken: Word, askedAtMs = 1_000): HeardWord => ({ word: spoken, askedAtMs });

describe('an electorate', () => {
  it.each([
    { name: 'alone in its region', monitors: 1, peers: [], isIsolated: false, counted: 'a' },
    { name: 'alone of two', monitors: 2, peers: [], isIsolated: true, counted: 'a' },
    { name: 'alone of three', monitors: 3, peers: [], isIsolated: true, counted: 'a' },
    { name: 'one of two others', monitors: 3, peers: ['b:a'], isIsolated: false, counted: 'ab' },
    { name: 'all', monitors: 3, peers: ['b:ac', 'c:ab'], isIsolated: false, counted: 'abc' },
    {
      name: 'heard, not hearing',
      monitors: 3,
      peers: ['b:c', 'c:b'],
      isIsolated: true,
      counted: 'a',
    },
    { name: 'half of four', monitors: 4, peers: ['b:a'], isIsolated: true, counted: 'ab' },
    { name: 'most of five', monitors: 5, peers: ['b:a', 'c:a'], isIsolated: false, counted: 'abc' },
  ])('of $monitors in touch with $name', ({ monitors, peers, isIsolated, counted }) => {
    const words = peers.map((peer) => heard(word(peer[0] ?? '', peer.slice(2))));
    const electorate = electorateOf(word('a', ''), words, monitors, 1_000);
    expect(electorate.isIsolated).toBe(isIsolated);
    expect(electorate.words.map(({ observer }) => observer).join('')).toBe(counted);
  });

  it('does not count the words of monitors that call themselves isolated, but is in touch with them', () => {
    const isolated = heard(word('b', 'a', { isIsolated: true }));
    const electorate = electorateOf(word('a', 'b'), [isolated], 3, 1_000);
    expect(electorate).toMatchObject({ isIsolated: false, words: [{ observer: 'a' }] });
  });

  it('believes a word for its life and not a moment longer', () => {
    const words = [heard(word('b', 'a'))];
    const at = (nowMs: number) => electorateOf(word('a', ''), words, 3, nowMs).isIsolated;
    expect([at(1_000 + wordLifeMs - 1), at(1_000 + wordLifeMs)]).toEqual([false, true]);
  });

  it('knows that it is cut off before it can take others for dead', () => {
    expect(wordLifeMs).toBeLessThan(zoneViewPolicy.deafMs);
    expect([1, 2, 3, 4, 5, 9].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 5]);
  });
});

describe('a word', () => {
  it('is read as it was given, and not in the name of another monitor', () => {
    const given = word('b', 'ac', {
      zones: { a: 'down', b: 'healthy' },
      traffic: { a: { calls: 3, failed: 1 } },
    });
    expect(readWord(JSON.parse(JSON.stringify(given)), 'b')).toEqual(given);
    expect(() => readWord(given, 'c')).toThrow('does not give its word');
  });

  it('that is as long as a frame may be is refused at once, whatever it is long with', () => {
    const many = 100_000;
    const names = (value: unknown) =>
      Object.fromEntries(Array.from({ length: many }, (_, at) => [`z-${at}`, value]));
    const drain = {
      ...{ id: 'd', zone: 'a', reason: `${'a'.repeat(many)}\n`, startedWallMs: 0 },
      ...{ remainingMs: 1, isLifted: false },
    };
    const long = [
      { drains: [drain] },
      { drains: Array.from({ length: many }, () => ({ ...drain, reason: 'a' })) },
      { hears: Array.from({ length: many }, () => 'a') },
      { zones: names('down') },
      { traffic: names({ calls: 1, failed: 1 }) },
    ];
    for (const more of long) {
      const startedMs = performance.now();
      expect(() => readWord({ ...word('b', ''), ...more }, 'b')).toThrow('does not give its word');
      // Milliseconds; a look at the line feed from each letter took 20 s.
      expect(performance.now() - startedMs).toBeLessThan(1_000);
    }
  });

  it.each([
    ['nothing', undefined],
    ['no object', 'down'],
    ['an unknown state', { ...word('b', ''), zones: { a: 'gone' } }],
    ['a negative count', { ...word('b', ''), traffic: { a: { calls: -1, failed: 0 } } }],
    ['too many names', { ...word('b', ''), hears: Array.from({ length: 10 }, () => 'a') }],
  ])('is not read when it is %s', (_name, body) => {
    expect(() => readWord(body, 'b')).toThrow('does not give its word');
  });
});
