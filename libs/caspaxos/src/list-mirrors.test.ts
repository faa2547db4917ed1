// When a list may be answered from memory: only after a quorum said, to a question asked after the call, what is new.
import { describe, expect, it } from 'vitest';
import type { AcceptorPort, ListChange, ListReply, ListRequest } from './acceptor-port.ts';
import { defaultLimits, type StoreLimits } from './limits.ts';
import { ListMirrors } from './list-mirrors.ts';
import type { Electorate, Membership } from './membership.ts';
import type { ListView } from './register-store.ts';

interface Asked extends ListRequest {
  answer(reply: ListReply): void;
}

/** A voter whose answers the test gives by hand. */
class Voter {
  readonly asked: Asked[] = [];
  readonly port: AcceptorPort;

  constructor(zone: string) {
    this.port = {
      zone,
      list: (request: ListRequest) =>
        new Promise<ListReply>((resolve) => {
          this.asked.push({ ...request, answer: resolve });
        }),
    } as unknown as AcceptorPort;
  }

  /** Answers the oldest question that is open. */
  async says(throughSeq: number, names: readonly string[], isComplete = true): Promise<void> {
    const changes: ListChange[] = names.map((name) => ({
      name,
      ballot: '1'.repeat(32),
      summary: '{}',
    }));
    await this.replies({ kind: 'list', changes, throughSeq, isComplete });
  }

  async replies(reply: ListReply): Promise<void> {
    this.asked.shift()?.answer(reply);
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(limits: Partial<StoreLimits> = {}) {
  const voters = ['a', 'b', 'c'].map((zone) => new Voter(zone)) as [Voter, Voter, Voter];
  const electorateOf = (epoch: number, of: readonly Voter[]): Electorate => ({
    epoch,
    stamp: `stamp ${epoch}`,
    quorum: Math.floor(of.length / 2) + 1,
    voters: of.map(({ port }) => port),
    learner: undefined,
  });
  const membership = { learnFrom: () => undefined } as unknown as Membership;
  const mirrors = new ListMirrors(membership, { ...defaultLimits, ...limits });
  const electorate = electorateOf(1, voters);
  const ended: string[] = [];
  const view = (mark: string, scope = 'i', of = electorate): Promise<ListView | undefined> => {
    const viewed = mirrors.view(scope, of);
    void viewed.then((answer) => ended.push(`${mark} ${answer === undefined ? 'lost' : 'seen'}`));
    return viewed;
  };
  return { voters, electorateOf, view, ended };
}

function names(view: ListView | undefined): string[] {
  const found: string[] = [];
  for (let part = view?.next(''); part !== undefined; part = view?.next(part.lastName))
    part.visit((name) => found.push(name));
  return found;
}

describe('the lists in memory', () => {
  it('ask each voter for all first, and then for what is new', async () => {
    const { voters, view } = setUp();
    const [a, b] = voters;
    const first = view('first');
    expect(voters.map(({ asked }) => asked[0]?.sinceSeq)).toEqual([0, 0, 0]);
    await a.says(7, ['x'], false);
    expect(a.asked[0]?.sinceSeq).toBe(7);
    await a.says(9, ['y']);
    await b.says(4, ['x', 'y']);
    expect(names(await first)).toEqual(['x', 'y']);
    const second = view('second');
    expect([a, b].map(({ asked }) => asked[0]?.sinceSeq)).toEqual([9, 4]);
    await a.says(12, ['z']);
    await b.says(5, ['z']);
    expect(names(await second)).toEqual(['x', 'y', 'z']);
  });

  it('do not answer a call by a question that had left before it came', async () => {
    const { voters, view, ended } = setUp();
    const [a, b] = voters;
    void view('first');
    void view('second');
    void view('third');
    await a.says(1, []);
    await b.says(1, []);
    expect(ended).toEqual(['first seen']);
    expect([a, b].map(({ asked }) => asked.length)).toEqual([1, 1]);
    await a.says(2, []);
    await b.says(2, []);
    expect(ended).toEqual(['first seen', 'second seen', 'third seen']);
  });

  it('let a call ride the rest of a long list, for its last page is asked later', async () => {
    const { voters, view, ended } = setUp();
    const [a, b] = voters;
    void view('first');
    await a.says(5, ['x'], false);
    await b.says(5, ['x'], false);
    void view('second');
    await a.says(6, ['y'], false);
    await b.says(6, ['y'], false);
    await a.says(7, ['z']);
    await b.says(7, ['z']);
    expect(ended).toEqual(['first seen', 'second seen']);
  });

  it('never answer without a quorum of new words', async () => {
    const { voters, view, ended } = setUp();
    const [a, b, c] = voters;
    void view('first');
    for (const voter of voters) await voter.says(1, ['x']);
    void view('second');
    await a.says(2, []);
    expect(ended).toEqual(['first seen']);
    for (const voter of [b, c])
      await voter.replies({ kind: 'unreachable', wasSent: true, reason: 'gone' });
    expect(ended).toEqual(['first seen', 'second lost']);
  });

  it('never again believe a voter that was behind what it once said', async () => {
    const { voters, view, ended } = setUp();
    const [a, b, c] = voters;
    const first = view('first');
    for (const voter of voters) await voter.says(9, ['x']);
    const before = await first;
    void view('second');
    await a.says(3, []);
    await b.says(9, []);
    await c.says(9, []);
    void view('third');
    await a.says(20, []);
    await b.says(9, []);
    expect(ended).toEqual(['first seen', 'second seen']);
    // Without it there is no quorum now: only then is everything read again.
    await c.replies({ kind: 'unreachable', wasSent: true, reason: 'gone' });
    expect(ended).toEqual(['first seen', 'second seen', 'third lost']);
    void view('fourth');
    expect(voters.map(({ asked }) => asked[0]?.sinceSeq)).toEqual([0, 0, 0]);
    expect(names(before)).toEqual(['x']);
  });

  it('keep what they have when a voter leaves, and begin anew when one comes', async () => {
    const { voters, electorateOf, view } = setUp();
    const [a, b] = voters;
    void view('first');
    for (const voter of voters) await voter.says(9, ['x']);
    void view('second', 'i', electorateOf(2, [a, b]));
    expect(a.asked[0]).toMatchObject({ sinceSeq: 9, stamp: 'stamp 2' });
    await a.says(9, []);
    await b.says(9, []);
    const rebuilt = new Voter('c');
    void view('third', 'i', electorateOf(3, [a, b, rebuilt]));
    expect([a, b, rebuilt].map(({ asked }) => asked[0]?.sinceSeq)).toEqual([0, 0, 0]);
  });

  it('do not count words of another epoch', async () => {
    const { voters, electorateOf, view, ended } = setUp();
    const [a, b] = voters;
    void view('first');
    void view('of epoch 1');
    void view('of epoch 2', 'i', electorateOf(2, [a, b]));
    await a.says(1, []);
    await b.says(1, []);
    expect(ended).toEqual(['first seen']);
    expect(a.asked[0]?.stamp).toBe('stamp 2');
    await a.says(1, []);
    await b.says(1, []);
    expect(ended).toEqual(['first seen', 'of epoch 1 lost', 'of epoch 2 seen']);
  });

  it('let go of the list that was not used for longest, and take a voter that floods for silent', async () => {
    const { voters, view, ended } = setUp({ listNamesMax: 3 });
    const [a, b, c] = voters;
    for (const scope of ['one', 'two', 'one', 'three']) {
      void view(scope, scope);
      const own = scope === 'three' ? ['x', 'y'] : ['x'];
      for (const voter of voters) await voter.says(1, own);
    }
    void view('one again', 'one');
    void view('two again', 'two');
    expect(a.asked.map(({ sinceSeq }) => sinceSeq)).toEqual([1, 0]);
    for (const voter of voters) await voter.says(1, []);
    await a.says(9, ['1', '2', '3', '4']);
    await b.says(9, ['x']);
    expect(ended).not.toContain('two again seen');
    await c.says(9, ['x']);
    expect(ended).toContain('two again seen');
  });
});
