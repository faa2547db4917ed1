// What every acceptor must do with lists: the part of the acceptor contract (acceptor-contract.ts) about what changed in a
// scope. Needs vitest, so the package's index does not export it.
import type { AcceptorPort, ListChange, ListRequest, RegisterId } from '@zonehold/caspaxos';
import { afterEach, describe, expect, it } from 'vitest';
import {
  acceptOf,
  ballot,
  first,
  id,
  prepareOf,
  self,
  stamp,
  timeoutMs,
  type AcceptorSubject,
} from './acceptor-contract.ts';

const listOf = (sinceSeq: number): ListRequest => ({
  scope: id.scope,
  stamp,
  sinceSeq,
  changesMax: 100,
});

async function changesOf(port: AcceptorPort, sinceSeq: number): Promise<readonly ListChange[]> {
  const reply = await port.list(listOf(sinceSeq), timeoutMs);
  if (reply.kind !== 'list') throw new Error(`expected a list, got ${JSON.stringify(reply)}`);
  return reply.changes;
}

/** Declares the suite. `start` yields one empty acceptor per test; the suite closes it. */
export function describeListContract(name: string, start: () => Promise<AcceptorSubject>): void {
  let opened: AcceptorSubject | undefined;
  const startFormatted = async (): Promise<{ subject: AcceptorSubject; port: AcceptorPort }> => {
    const subject = (opened = await start());
    expect(await subject.format(self, first.configuration, stamp)).toEqual({ kind: 'installed' });
    return { subject, port: await subject.port(self) };
  };

  describe(`${name} keeps the contract of lists`, () => {
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
    });

    it('lists a scope by the summaries last accepted, and drops those that became null', async () => {
      const { port } = await startFormatted();
      const other: RegisterId = { ...id, name: 'key/two' };
      await port.accept(acceptOf(1, '-one', '{"n":1}'), timeoutMs);
      await port.accept(acceptOf(2, '-two', '{"n":2}', other), timeoutMs);
      await port.accept(acceptOf(3, '-two', '{"n":3}', other), timeoutMs);
      await port.accept(acceptOf(3, '-elsewhere', '{}', { ...id, scope: 'instance-2' }), timeoutMs);
      expect(await changesOf(port, 0)).toEqual([
        { name: 'key/one', ballot: ballot(1), summary: '{"n":1}' },
        { name: 'key/two', ballot: ballot(3), summary: '{"n":3}' },
      ]);
      await port.accept(acceptOf(4, '-gone', null, other), timeoutMs);
      expect(await changesOf(port, 0)).toEqual([
        { name: 'key/one', ballot: ballot(1), summary: '{"n":1}' },
        { name: 'key/two', ballot: ballot(4), summary: null },
      ]);
    });

    it('lists what was written since a point of its sequence, and nothing that was refused', async () => {
      const { subject, port } = await startFormatted();
      const other: RegisterId = { ...id, name: 'key/two' };
      await port.accept(acceptOf(1, '-one', '{"n":1}'), timeoutMs);
      const since = await subject.seq();
      expect(await changesOf(port, since)).toEqual([]);
      await port.accept(acceptOf(2, '-two', '{"n":2}', other), timeoutMs);
      await port.prepare(prepareOf(5), timeoutMs);
      await port.accept(acceptOf(4, '-late', '{"n":4}'), timeoutMs);
      expect(await changesOf(port, since)).toMatchObject([{ name: 'key/two' }]);
      const reply = await port.list(listOf(since), timeoutMs);
      expect(reply).toMatchObject({ throughSeq: await subject.seq(), isComplete: true });
    });

    it('lists long scopes in pages, oldest write first', async () => {
      const { subject, port } = await startFormatted();
      const named = (name: string): RegisterId => ({ ...id, name });
      for (const name of ['c', 'a', 'b', 'e']) {
        await port.accept(acceptOf(1, `-${name}`, '{}', named(name)), timeoutMs);
      }
      await port.accept(acceptOf(2, '-c', '{}', named('c')), timeoutMs);
      const names: string[][] = [];
      let sinceSeq = 0;
      for (let isComplete = false; !isComplete;) {
        const reply = await port.list({ ...listOf(sinceSeq), changesMax: 2 }, timeoutMs);
        if (reply.kind !== 'list') throw new Error(`expected a list, got ${reply.kind}`);
        names.push(reply.changes.map(({ name }) => name));
        ({ throughSeq: sinceSeq, isComplete } = reply);
      }
      expect(names).toEqual([['a', 'b'], ['e', 'c'], []]);
      expect(sinceSeq).toBe(await subject.seq());
    });
  });
}
