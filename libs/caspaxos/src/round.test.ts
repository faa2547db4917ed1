// Rounds as transcripts: each line is one reply and the state the round is in after it.
import { describe, expect, it } from 'vitest';
import { zeroBallot, type Accepted, type AcceptReply, type PrepareReply } from './acceptor-port.ts';
import { formatBallot } from './ballot.ts';
import { choose, onAcceptReply, onPrepareReply, openRound, type Promised } from './round.ts';

const at = (counter: number): string => formatBallot(BigInt(counter), 'a'.repeat(16));
const holding = (counter: number, payload: string): Accepted => ({
  ballot: at(counter),
  payload,
  mac: 'm',
});
const empty: Accepted = { ballot: zeroBallot, payload: '', mac: '' };
const promised = (accepted = empty): PrepareReply => ({ kind: 'promised', accepted });
const conflict = (promise: number, accepted = 0) =>
  ({
    kind: 'conflict',
    promise: at(promise),
    accepted: accepted === 0 ? zeroBallot : at(accepted),
  }) as const;
const away = { kind: 'unreachable', wasSent: true, reason: 'silent' } as const;
const unsent = { kind: 'unreachable', wasSent: false, reason: 'no connection' } as const;
const refused = { kind: 'refused', standing: 'wiped', reason: 'empty' } as const;

function prepareTranscript(replies: readonly PrepareReply[]) {
  let round: ReturnType<typeof onPrepareReply> = openRound(at(5), 3, 2);
  const kinds = replies.map((reply) => {
    if (round.kind !== 'preparing') return 'over';
    round = onPrepareReply(round, reply);
    return round.kind;
  });
  return { kinds, round: round as ReturnType<typeof onPrepareReply> };
}

function promisedRound(): Promised {
  const { round } = prepareTranscript([promised(), promised()]);
  if (round.kind !== 'promised') throw new Error('not promised');
  return round;
}

function acceptTranscript(replies: readonly AcceptReply[]) {
  let round: ReturnType<typeof onAcceptReply> = choose(promisedRound(), '-v');
  const kinds = replies.map((reply) => {
    if (round.kind !== 'accepting') return 'over';
    round = onAcceptReply(round, reply);
    return round.kind;
  });
  return { kinds, round };
}

describe('phase 1', () => {
  it('is won by two promises, and shows the latest value among them', () => {
    const { kinds, round } = prepareTranscript([
      promised(holding(3, '-b')),
      promised(holding(2, '-a')),
    ]);
    expect(kinds).toEqual(['preparing', 'promised']);
    expect(round).toMatchObject({ highest: { payload: '-b' } });
  });

  it('does not wait for the third, and is not lost to one', () => {
    expect(prepareTranscript([refused, promised(), promised()]).kinds).toEqual([
      'preparing',
      'preparing',
      'promised',
    ]);
  });

  it('is lost when two cannot promise, and says how far to go', () => {
    const { kinds, round } = prepareTranscript([conflict(9, 2), away]);
    expect(kinds).toEqual(['preparing', 'lost']);
    expect(round).toMatchObject({
      phase: 'prepare',
      seen: at(9),
      conflicts: 1,
    });
  });
});

describe('phase 2', () => {
  it('is won by two accepts', () => {
    expect(acceptTranscript([away, { kind: 'accepted' }, { kind: 'accepted' }]).kinds).toEqual([
      'accepting',
      'accepting',
      'committed',
    ]);
  });

  it.each<[string, readonly AcceptReply[]]>([
    ['one accepted', [{ kind: 'accepted' }, away, unsent]],
    ['two are silent', [away, away]],
    ['two conflict, and says how far to go', [conflict(9), conflict(8)]],
    ['one holds another payload at this ballot', [{ kind: 'clash' }, refused]],
  ])('is lost with outcome unknown when %s', (_name, replies) => {
    expect(acceptTranscript(replies).round).toMatchObject({ kind: 'lost', phase: 'accept' });
  });

  it('remembers the highest conflict of both phases', () => {
    expect(acceptTranscript([conflict(8), conflict(9, 7)]).round).toMatchObject({
      seen: at(9),
      conflicts: 2,
    });
  });

  it('refuses an empty payload: empty means never accepted', () => {
    expect(() => choose(promisedRound(), '')).toThrow();
  });
});
