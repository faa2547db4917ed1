// What every acceptor must do, as one test suite: run against the pure acceptor and against Redis. Needs vitest, so the
// package's index does not export it; import this file from a test.
import {
  formatBallot,
  formatStamp,
  selfOf,
  signConfiguration,
  zeroBallot,
  type AcceptorPort,
  type Authenticator,
  type InstallReply,
  type PrepareRequest,
  type RegisterId,
  type SignedConfiguration,
  type Stamp,
} from '@zonehold/caspaxos';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestAuthenticator } from './simulation/authenticator.ts';

/** One acceptor under test, freshly started, on an empty disk, and the ways to reach behind its port. */
export interface AcceptorSubject {
  /** Gives the acceptor its identity and first configuration; refused unless empty, or formatted just so. */
  format(self: string, configuration: SignedConfiguration, stamp: Stamp): Promise<InstallReply>;
  /** Installs `next` over the configuration `expected`. */
  install(
    self: string,
    expected: Stamp,
    next: { readonly configuration: SignedConfiguration; readonly stamp: Stamp },
  ): Promise<InstallReply>;
  /** A connected port to it that expects `self`. `peersSeen` (acceptor id → seq) is what its process knows of others. */
  port(self: string, peersSeen?: Readonly<Record<string, number>>): Promise<AcceptorPort>;
  /** The write sequence on its disk. */
  seq(): Promise<number>;
  /** The sequence it has on record for a peer; 0 for none. */
  peerRecord(acceptorId: string): Promise<number>;
  close(): Promise<void>;
}

const authenticator: Authenticator = createTestAuthenticator();
const identity = {
  clusterId: 'cluster-1',
  region: 'us-south',
  zone: 'us-south-1',
  acceptorId: 'acceptor-1',
  incarnation: 'incarnation-1',
};
export const self = selfOf(identity);
export const timeoutMs = 1_000;

function configurationOf(epoch: number, incarnation = 'incarnation-1') {
  const configuration = signConfiguration(
    {
      epoch,
      voters: [{ zone: identity.zone, acceptorId: identity.acceptorId, incarnation }],
      learner: null,
    },
    authenticator,
  );
  return { configuration, stamp: formatStamp(epoch, authenticator.digest(configuration.text)) };
}

export const first = configurationOf(1);
const second = configurationOf(2);
export const stamp = first.stamp;
export const id: RegisterId = { scope: 'instance-1', name: 'key/one' };
export const ballot = (counter: number, proposer = 'a'): string =>
  formatBallot(BigInt(counter), proposer.repeat(16));
export const prepareOf = (counter: number, proposer?: string): PrepareRequest => ({
  id,
  stamp,
  ballot: ballot(counter, proposer),
});

export function acceptOf(
  counter: number,
  payload: string,
  summary: string | null = null,
  register = id,
) {
  const at = ballot(counter);
  return {
    id: register,
    stamp,
    ballot: at,
    payload,
    summary,
    mac: authenticator.sign(register, at, payload),
  };
}

/** Declares the suite. `start` yields one empty acceptor per test; the suite closes it. */
export function describeAcceptorContract(
  name: string,
  start: () => Promise<AcceptorSubject>,
): void {
  let opened: AcceptorSubject | undefined;
  const startEmpty = async (): Promise<AcceptorSubject> => (opened = await start());
  const startFormatted = async (): Promise<{ subject: AcceptorSubject; port: AcceptorPort }> => {
    const subject = await startEmpty();
    expect(await subject.format(self, first.configuration, stamp)).toEqual({ kind: 'installed' });
    return { subject, port: await subject.port(self) };
  };
  const stateOf = async (port: AcceptorPort, register = id) => {
    const [reply] = await port.read([register], stamp, timeoutMs);
    if (reply?.kind !== 'state') throw new Error(`expected a state, got ${JSON.stringify(reply)}`);
    return reply.accepted;
  };

  describe(`${name} keeps the acceptor contract`, () => {
    afterEach(async () => {
      await opened?.close();
      opened = undefined;
    });

    it('shows zero for a register never written', async () => {
      const { port } = await startFormatted();
      expect(await stateOf(port)).toEqual({ ballot: zeroBallot, payload: '', mac: '' });
    });

    it('promises a ballot once, and nothing at or below it again', async () => {
      const { port } = await startFormatted();
      expect(await port.prepare(prepareOf(5), timeoutMs)).toMatchObject({ kind: 'promised' });
      const conflict = { kind: 'conflict', promise: ballot(5), accepted: zeroBallot };
      expect(await port.prepare(prepareOf(5), timeoutMs)).toEqual(conflict);
      expect(await port.prepare(prepareOf(4, 'f'), timeoutMs)).toEqual(conflict);
      expect(await port.prepare(prepareOf(5, 'b'), timeoutMs)).toMatchObject({ kind: 'promised' });
    });

    it('shows what was accepted last with its promise', async () => {
      const { port } = await startFormatted();
      const request = acceptOf(3, '-value "ü" \u0000 {}', '{"state":1}');
      expect(await port.accept(request, timeoutMs)).toEqual({ kind: 'accepted' });
      const accepted = { ballot: request.ballot, payload: request.payload, mac: request.mac };
      expect(await port.prepare(prepareOf(9), timeoutMs)).toEqual({ kind: 'promised', accepted });
      expect(await stateOf(port)).toEqual(accepted);
    });

    it('refuses an accept below its promise', async () => {
      const { port } = await startFormatted();
      await port.prepare(prepareOf(7), timeoutMs);
      expect(await port.accept(acceptOf(6, '-late'), timeoutMs)).toEqual({
        kind: 'conflict',
        promise: ballot(7),
        accepted: zeroBallot,
      });
      expect((await stateOf(port)).ballot).toBe(zeroBallot);
    });

    it('raises its promise with every accept', async () => {
      const { port } = await startFormatted();
      await port.prepare(prepareOf(2), timeoutMs);
      expect(await port.accept(acceptOf(8, '-new'), timeoutMs)).toEqual({ kind: 'accepted' });
      const conflict = { kind: 'conflict', promise: ballot(8), accepted: ballot(8) };
      expect(await port.prepare(prepareOf(8), timeoutMs)).toEqual(conflict);
      expect(await port.accept(acceptOf(7, '-old'), timeoutMs)).toEqual(conflict);
      expect((await stateOf(port)).payload).toBe('-new');
    });

    it('takes the same ballot and payload again, also after a later promise', async () => {
      const { subject, port } = await startFormatted();
      await port.accept(acceptOf(4, '-same'), timeoutMs);
      await port.prepare(prepareOf(9), timeoutMs);
      const before = await subject.seq();
      expect(await port.accept(acceptOf(4, '-same'), timeoutMs)).toEqual({ kind: 'accepted' });
      expect(await subject.seq()).toBe(before);
      expect(await port.accept(acceptOf(5, '-other'), timeoutMs)).toMatchObject({
        kind: 'conflict',
      });
    });

    it('never overwrites a ballot with another payload', async () => {
      const { port } = await startFormatted();
      await port.accept(acceptOf(4, '-first'), timeoutMs);
      expect(await port.accept(acceptOf(4, '-second'), timeoutMs)).toEqual({ kind: 'clash' });
      expect((await stateOf(port)).payload).toBe('-first');
    });

    it('compares counters as fixed-width text, beyond what a number could hold', async () => {
      const { port } = await startFormatted();
      const high = formatBallot(0xfff0_0000_0000_0001n, '0'.repeat(16));
      const higher = formatBallot(0xfff0_0000_0000_0002n, '0'.repeat(16));
      expect(await port.prepare({ id, stamp, ballot: high }, timeoutMs)).toMatchObject({
        kind: 'promised',
      });
      expect(await port.prepare({ id, stamp, ballot: higher }, timeoutMs)).toMatchObject({
        kind: 'promised',
      });
      expect(await port.prepare({ id, stamp, ballot: high }, timeoutMs)).toMatchObject({
        promise: higher,
      });
    });

    it('answers reads in the order asked', async () => {
      const { port } = await startFormatted();
      const other: RegisterId = { scope: 'instance-2', name: 'key/one' };
      await port.accept(acceptOf(1, '-one'), timeoutMs);
      await port.accept(acceptOf(2, '-two', null, other), timeoutMs);
      const replies = await port.read([other, { ...id, name: 'none' }, id], stamp, timeoutMs);
      const payloads = replies.map((reply) =>
        reply.kind === 'state' ? reply.accepted.payload : reply.kind,
      );
      expect(payloads).toEqual(['-two', '', '-one']);
    });

    it('scans every register ever accepted by the start of its name, bare promises excluded', async () => {
      const { port } = await startFormatted();
      await port.accept(acceptOf(1, '-one', null), timeoutMs);
      await port.accept(
        acceptOf(1, '-x', null, { scope: 'instance-2', name: 'key/two' }),
        timeoutMs,
      );
      await port.accept(
        acceptOf(1, '-x', null, { scope: 'instance-2', name: 'instance' }),
        timeoutMs,
      );
      await port.prepare({ ...prepareOf(1), id: { ...id, name: 'key/promised' } }, timeoutMs);
      const scanned = await port.scan('key/', stamp, timeoutMs);
      const names =
        scanned.kind === 'ids'
          ? scanned.ids.map(({ scope, name: found }) => `${scope} ${found}`)
          : [];
      expect(names.sort()).toEqual(['instance-1 key/one', 'instance-2 key/two']);
    });

    it('counts promises and accepts in its sequence, and nothing else', async () => {
      const { subject, port } = await startFormatted();
      const start0 = await subject.seq();
      await port.prepare(prepareOf(1), timeoutMs);
      await port.accept(acceptOf(1, '-v'), timeoutMs);
      expect(await subject.seq()).toBe(start0 + 2);
      await port.prepare(prepareOf(1), timeoutMs);
      await port.accept(acceptOf(1, '-clash'), timeoutMs);
      await port.read([id], stamp, timeoutMs);
      expect(await subject.seq()).toBe(start0 + 2);
    });

    it('keeps the highest sequence it was told of each peer', async () => {
      const { subject } = await startFormatted();
      const told = await subject.port(self, { 'acceptor-2': 41 });
      await told.prepare(prepareOf(1), timeoutMs);
      await (
        await subject.port(self, { 'acceptor-2': 12, 'acceptor-3': 5 })
      ).prepare(prepareOf(2), timeoutMs);
      expect(await subject.peerRecord('acceptor-2')).toBe(41);
      expect(await subject.peerRecord('acceptor-3')).toBe(5);
    });

    it('refuses everything while it is empty', async () => {
      const subject = await startEmpty();
      const port = await subject.port(self);
      expect(await port.prepare(prepareOf(1), timeoutMs)).toMatchObject({
        kind: 'refused',
        standing: 'wiped',
      });
      expect(await port.accept(acceptOf(1, '-v'), timeoutMs)).toMatchObject({
        kind: 'refused',
        standing: 'wiped',
      });
      expect(await port.read([id], stamp, timeoutMs)).toMatchObject([
        { kind: 'refused', standing: 'wiped' },
      ]);
    });

    it('refuses who means another acceptor, region or incarnation', async () => {
      const { subject } = await startFormatted();
      for (const [other, standing] of [
        [{ incarnation: 'incarnation-2' }, 'other-incarnation'],
        [{ region: 'eu-de' }, 'foreign'],
        [{ acceptorId: 'acceptor-9' }, 'foreign'],
      ] as const) {
        const stranger = await subject.port(selfOf({ ...identity, ...other }));
        const refused = { kind: 'refused', standing };
        expect(await stranger.prepare(prepareOf(1), timeoutMs)).toMatchObject(refused);
        expect(await stranger.read([id], stamp, timeoutMs)).toMatchObject([refused]);
      }
    });

    it('refuses another stamp and shows its configuration', async () => {
      const { port } = await startFormatted();
      const stale = {
        kind: 'refused',
        standing: 'stale-epoch',
        configuration: first.configuration,
      };
      const sameEpoch = configurationOf(1, 'incarnation-x').stamp;
      for (const other of [second.stamp, sameEpoch]) {
        expect(await port.prepare({ ...prepareOf(1), stamp: other }, timeoutMs)).toMatchObject(
          stale,
        );
        expect(await port.accept({ ...acceptOf(1, '-v'), stamp: other }, timeoutMs)).toMatchObject(
          stale,
        );
        expect(await port.read([id], other, timeoutMs)).toMatchObject([stale]);
        expect(
          await port.list({ scope: id.scope, stamp: other, sinceSeq: 0, changesMax: 1 }, timeoutMs),
        ).toMatchObject(stale);
        expect(await port.scan('', other, timeoutMs)).toMatchObject(stale);
      }
    });

    it('formats only what is empty, and repeats itself', async () => {
      const { subject } = await startFormatted();
      expect(await subject.format(self, first.configuration, stamp)).toEqual({ kind: 'installed' });
      const other = selfOf({ ...identity, incarnation: 'incarnation-2' });
      expect(await subject.format(other, first.configuration, stamp)).toMatchObject({
        kind: 'refused',
      });
      expect(await subject.format(self, second.configuration, second.stamp)).toMatchObject({
        kind: 'refused',
      });
    });

    it('installs the next epoch only over the expected configuration', async () => {
      const { subject, port } = await startFormatted();
      const unexpected = configurationOf(1, 'incarnation-x').stamp;
      const third = configurationOf(3);
      const refused = {
        kind: 'refused',
        standing: 'stale-epoch',
        configuration: first.configuration,
      };
      expect(await subject.install(self, unexpected, second)).toMatchObject(refused);
      expect(await subject.install(self, stamp, third)).toMatchObject(refused);
      expect(await subject.install(self, stamp, second)).toEqual({ kind: 'installed' });
      expect(await subject.install(self, stamp, second)).toEqual({ kind: 'installed' });
      expect(await subject.install(self, stamp, configurationOf(2, 'incarnation-x'))).toMatchObject(
        {
          kind: 'refused',
          configuration: second.configuration,
        },
      );
      expect(await port.prepare(prepareOf(1), timeoutMs)).toMatchObject({
        standing: 'stale-epoch',
      });
      expect(await port.prepare({ ...prepareOf(1), stamp: second.stamp }, timeoutMs)).toMatchObject(
        { kind: 'promised' },
      );
    });
  });
}
