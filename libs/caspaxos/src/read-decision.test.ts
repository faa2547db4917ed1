// What three voters' replies mean for one register, as a table.
import { describe, expect, it } from 'vitest';
import { zeroBallot, type ReadReply } from './acceptor-port.ts';
import { formatBallot } from './ballot.ts';
import { decideRead } from './read-decision.ts';

const holds = (counter: number, payload = `-${counter}`): ReadReply => ({
  kind: 'state',
  accepted: { ballot: formatBallot(BigInt(counter), 'a'.repeat(16)), payload, mac: 'm' },
});
const empty: ReadReply = { kind: 'state', accepted: { ballot: zeroBallot, payload: '', mac: '' } };
const away: ReadReply = { kind: 'unreachable', wasSent: true, reason: 'silent' };
const refused: ReadReply = { kind: 'refused', standing: 'wiped', reason: 'empty' };
const silent = undefined;

describe('a read of one register', () => {
  it.each<[string, readonly (ReadReply | undefined)[], string]>([
    ['two agree, the third is silent', [holds(4), silent, holds(4)], '-4'],
    ['two agree on nothing', [empty, empty, silent], ''],
    [
      'two agree below a minority: that write was not committed when they answered',
      [holds(9), holds(4), holds(4)],
      '-4',
    ],
    ['one answer', [holds(4), silent, silent], 'pending'],
    ['two differ, the third is silent', [holds(9), holds(4), silent], 'differ'],
    [
      'two differ, the third is away: never the higher one',
      [holds(9), holds(4), away],
      'write-back',
    ],
    ['all three differ', [holds(9), holds(4), empty], 'write-back'],
    [
      'one ballot with two payloads is no agreement',
      [holds(4, '-x'), holds(4, '-y'), away],
      'write-back',
    ],
    ['two cannot answer', [holds(4), away, refused], 'lost'],
    ['one cannot answer, one is silent', [holds(4), refused, silent], 'pending'],
  ])('%s', (_name, replies, expected) => {
    const decision = decideRead(
      replies.map((reply) => (reply === undefined ? undefined : [empty, reply])),
      1,
      2,
    );
    expect(typeof decision === 'string' ? decision : decision.payload).toBe(expected);
  });

  it('needs both of two voters', () => {
    expect(decideRead([[holds(4)], undefined], 0, 2)).toBe('pending');
    expect(decideRead([[holds(4)], [away]], 0, 2)).toBe('lost');
    expect(decideRead([[holds(4)], [holds(3)]], 0, 2)).toBe('write-back');
  });
});
