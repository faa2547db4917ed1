// What a watcher makes of the configuration that an acceptor shows.
import { describe, expect, it } from 'vitest';
import { shownVote } from './shown-vote.ts';

const acceptor = { zone: 'z-3', incarnation: 'i2' };
const member = (zone: string, incarnation: string) => ({ zone, acceptorId: 'a', incarnation });
const configuration = (voters: unknown, learner: unknown = null): string =>
  JSON.stringify({ epoch: 3, voters, learner });

describe('the vote that an acceptor shows', () => {
  it('is one when the configuration names this very incarnation', () => {
    const others = [member('z-1', 'i1'), member('z-2', 'i1')];
    expect(shownVote(configuration([...others, member('z-3', 'i2')]), acceptor)).toBe('voter');
    expect(shownVote(configuration(others, member('z-3', 'i2')), acceptor)).toBe('learner');
  });

  it('is none under another incarnation of its own, and none while it is blank', () => {
    expect(shownVote(configuration([member('z-3', 'i1')]), acceptor)).toBe('not-a-voter');
    expect(shownVote('', acceptor)).toBe('not-a-voter');
  });

  it.each(['null', '7', '{"voters":7,"learner":[null]}', '{"voters":[null,7]}', '{'])(
    'is none when the text is %s',
    (text) => {
      expect(shownVote(text, acceptor)).toBe('not-a-voter');
    },
  );
});
