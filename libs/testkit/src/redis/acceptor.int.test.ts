// The Redis acceptor keeps the contract that the pure acceptor keeps, and its Lua does to Redis what the pure acceptor
// does to its state, reply for reply and field for field.
import {
  accept,
  applyWrites,
  blankStamp,
  emptyAcceptor,
  format,
  formatBallot,
  formatStamp,
  installConfiguration,
  parseSelf,
  prepare,
  reincarnate,
  selfOf,
  SequenceMemory,
  signConfiguration,
  zeroBallot,
  type AcceptorHeader,
  type AcceptorState,
  type InstallReply,
} from '@zonehold/caspaxos';
import { logKey, RedisAcceptor } from '@zonehold/caspaxos-redis';
import {
  acceptCommand,
  acceptorScripts,
  formatScript,
  reincarnateScript,
  installCommand,
  prepareCommand,
  toAcceptReply,
  toInstallReply,
  toPrepareReply,
  type ScriptReply,
} from '@zonehold/caspaxos-redis/internal';
import { SeededRandom, systemClock, systemRandom } from '@zonehold/primitives';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAcceptorContract, type AcceptorSubject } from '../acceptor-contract.ts';
import { describeListContract } from '../acceptor-list-contract.ts';
import { createTestAuthenticator } from '../simulation/authenticator.ts';
import { RedisZones } from './redis-zones.ts';
import { until } from './until.ts';

let zones: RedisZones;
beforeAll(async () => {
  zones = await RedisZones.start({ count: 1, clusterId: 'cluster-1', isFormatted: false });
});
afterAll(async () => {
  await zones.stop();
});

/** The pure acceptor keeps bare sequences. */
const plainRecords = { sign: (_name: string, seq: number) => String(seq), verify: () => undefined };

async function connect(
  self: string,
  peersSeen: Readonly<Record<string, number>> = {},
): Promise<RedisAcceptor> {
  const memory = new SequenceMemory();
  for (const [peer, seq] of Object.entries(peersSeen)) memory.observe(peer, seq);
  const acceptor = new RedisAcceptor({
    identity: parseSelf(self)!,
    address: zones.address(0, 'key-manager'),
    clock: systemClock,
    random: systemRandom,
    memory,
    records: plainRecords,
    peerCount: 0,
    askPeers: async () => [],
    standingChanged: () => undefined,
    recordForged: () => undefined,
    configurationShown: () => undefined,
  });
  await until(
    'the gate has looked',
    () => !['connecting', 'comparing', 'unreachable'].includes(acceptor.standing().standing),
  );
  return acceptor;
}

async function startSubject(): Promise<AcceptorSubject> {
  const { admin } = zones.server(0);
  await admin.flushall();
  const opened: RedisAcceptor[] = [];
  const port = async (self: string, peersSeen?: Readonly<Record<string, number>>) => {
    const acceptor = await connect(self, peersSeen);
    opened.push(acceptor);
    return acceptor;
  };
  return {
    port,
    format: async (self, configuration, stamp) => {
      const { text, mac } = configuration;
      const reply = await admin.eval(formatScript.text, 1, 'zonehold:cfg', self, stamp, text, mac);
      return installed(reply as ScriptReply);
    },
    install: async (self, expected, next) =>
      (await (await port(self)).install(expected, next, 1_000)) as InstallReply,
    seq: async () => Number(await admin.hget('zonehold:cfg', 'seq')),
    peerRecord: async (name) => Number(await admin.hget('zonehold:cfg', `peer:${name}`)),
    close: async () => {
      await Promise.all(opened.map((acceptor) => acceptor.close()));
    },
  };
}

function installed([kind]: ScriptReply): InstallReply {
  return kind === 'installed'
    ? { kind }
    : { kind: 'refused', standing: 'foreign', reason: 'the acceptor is not empty' };
}

describeAcceptorContract('the acceptor on Redis', startSubject);
describeListContract('the acceptor on Redis', startSubject);

const authenticator = createTestAuthenticator();
const identity = {
  clusterId: 'cluster-1',
  region: 'us-south',
  zone: 'us-south-1',
  acceptorId: 'acceptor-1',
  incarnation: 'incarnation-1',
};
const self = selfOf(identity);
const stranger = selfOf({ ...identity, incarnation: 'incarnation-2' });
const epochs = [1, 2, 3, 4].map((epoch) => {
  const voters = [{ zone: identity.zone, acceptorId: 'acceptor-1', incarnation: 'incarnation-1' }];
  const configuration = signConfiguration({ epoch, voters, learner: null }, authenticator);
  return { configuration, stamp: formatStamp(epoch, authenticator.digest(configuration.text)) };
});

interface Step {
  readonly command: readonly string[];
  /** What the pure acceptor answers; keeps its writes. */
  run(state: AcceptorState): unknown;
  /** The script's reply as the port would show it. */
  show(reply: ScriptReply): unknown;
}

const script = (command: readonly string[]): readonly string[] => command;

function refusalOr(show: (reply: ScriptReply) => unknown) {
  return (reply: ScriptReply): unknown =>
    reply[0] === 'wiped' || reply[0] === 'foreign'
      ? { kind: 'refused', standing: reply[0] }
      : show(reply);
}

/** A random step over few registers, ballots and epochs, so that steps meet. */
function randomStep(random: SeededRandom, header: AcceptorHeader): Step {
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const id = { scope: pick(['i1', 'i2']), name: pick(['key/1', 'key/2', 'instance']) };
  const to = random.below(20) === 0 ? stranger : header.self;
  // -1: blank.
  const epochNow = epochs.findIndex((epoch) => epoch.stamp === header.stamp);
  const { stamp } = random.below(10) === 0 ? pick(epochs) : (epochs[epochNow] ?? pick(epochs));
  const counter = BigInt(1 + random.below(6)) * (random.below(2) === 0 ? 1n : 2n ** 60n + 1n);
  const ballot = formatBallot(counter, pick(['a', 'b', '0']).repeat(16));
  const seen = pick([
    {},
    { p2: random.below(1_200) },
    { p2: random.below(30), 'p3/x': 10 ** 15 - 1 },
  ]);
  const address = { self: to, recordName: 'own', seen, record: plainRecords.sign };
  const kind = random.below(20);
  if (kind < 9) {
    const request = { id, stamp, ballot };
    return {
      command: script(prepareCommand(address, request)),
      run: (state) => keep(state, prepare(state, { self: to, peers: seen }, request)),
      show: refusalOr(toPrepareReply),
    };
  }
  if (kind < 19) {
    const payload = pick(['n', '-value', '2:{}é', '-\u0000"\r\n']);
    const summary = pick([null, '{}', '{"state":1}']);
    const request = { id, stamp, ballot, payload, mac: 'mac', summary };
    return {
      command: script(acceptCommand(address, request)),
      run: (state) => keep(state, accept(state, { self: to, peers: seen }, request)),
      show: refusalOr(toAcceptReply),
    };
  }
  if (random.below(3) === 0) {
    const seen = { self: to, stamp: random.below(4) === 0 ? blankStamp : header.stamp };
    const next = selfOf({ ...identity, incarnation: `later-${random.below(1_000_000)}` });
    return {
      command: [
        'evalsha',
        reincarnateScript.sha,
        '1',
        'zonehold:cfg',
        to,
        seen.stamp,
        next,
        blankStamp,
      ],
      run: (state) => keep(state, reincarnate(state, seen, next)),
      show: refusalOr(toInstallReply),
    };
  }
  const expected =
    random.below(4) === 0 ? pick(epochs) : (epochs[epochNow] ?? { stamp: blankStamp });
  const next = random.below(4) === 0 ? pick(epochs) : epochs[Math.min(epochNow + 1, 3)]!;
  return {
    command: script(installCommand(to, expected.stamp, next)),
    run: (state) => keep(state, installConfiguration(state, to, expected.stamp, next)),
    show: refusalOr(toInstallReply),
  };
}

function keep<Reply>(
  state: AcceptorState,
  decided: { readonly reply: Reply; readonly writes?: Parameters<typeof applyWrites>[1] },
): Reply {
  applyWrites(state, decided.writes);
  return decided.reply;
}

/** What Redis should hold, by key, as HGETALL and ZRANGE would show it. */
function expectedDump(state: AcceptorState, tags: Readonly<Record<string, string>>): unknown {
  const { header } = state;
  const dump: Record<string, unknown> = {};
  if (header !== null) {
    dump['zonehold:cfg'] = {
      self: header.self,
      stamp: header.stamp,
      config: header.configuration.text,
      configMac: header.configuration.mac,
      seq: String(header.seq),
      ...Object.fromEntries(
        Object.entries(header.peers)
          .filter(([, seq]) => seq > 0)
          .map(([name, seq]) => [`peer:${name}`, String(seq)]),
      ),
    };
  }
  for (const [key, { id, promise, accepted }] of state.registers) {
    const { ballot: a, payload: v, mac: m } = accepted;
    const tag = tags[id.scope]!;
    dump[`${tag}:reg:${key}`] = a === zeroBallot ? { p: promise } : { p: promise, a, v, m };
    if (a !== zeroBallot) {
      const index = (dump[`${tag}:idx:all`] ??= []) as string[];
      index.push(key);
      index.sort();
    }
  }
  for (const [scope, rows] of state.lists) {
    dump[`${tags[scope]!}:list:${scope}`] = Object.fromEntries(
      [...rows.values()].map(({ name, ballot, summary }) => [name, ballot + (summary ?? '')]),
    );
    dump[`${tags[scope]!}:log:${scope}`] = [...rows.values()].flatMap(({ name, seq }) => [
      name,
      String(seq),
    ]);
  }
  return dump;
}

/** Few registers in two scopes, so that steps meet. */
const scopes = ['i1', 'i2'];
const names = ['key/1', 'key/2', 'instance'];

describe('the Lua scripts against the pure acceptor', () => {
  it('give the same replies and leave the same fields over 20,000 random sequences', async () => {
    const { admin } = zones.server(0);
    for (const { text } of [...acceptorScripts, reincarnateScript])
      await admin.script('LOAD', text);
    const tags = Object.fromEntries(
      scopes.map((scope) => {
        const request = { id: { scope, name: 'x' }, stamp: '', ballot: '' };
        const key =
          prepareCommand(
            { self, recordName: '', seen: {}, record: plainRecords.sign },
            request,
          )[4] ?? '';
        return [scope, key.slice(0, key.indexOf(':'))];
      }),
    );
    const kinds = new Map<string, number>();
    // What survives a crash is not asked here, and 20,000 disks are written.
    await admin.config('SET', 'appendfsync', 'no');
    for (let batch = 0; batch < 400; batch += 1) {
      const pipeline = admin.pipeline();
      const checks: ((reply: unknown) => void)[] = [];
      for (let seed = batch * 50; seed < batch * 50 + 50; seed += 1) {
        queueSequence(seed, tags, kinds, (command, check) => {
          pipeline.call(command[0]!, ...command.slice(1));
          checks.push(check);
        });
      }
      const replies = (await pipeline.exec()) ?? [];
      expect(replies.length).toBe(checks.length);
      replies.forEach(([error, reply], position) => {
        if (error) throw error;
        checks[position]!(reply);
      });
    }
    await admin.config('SET', 'appendfsync', 'always');
    // The sequences must reach every answer, or they prove nothing.
    for (const kind of [
      'promised',
      'accepted',
      'conflict',
      'clash',
      'installed',
      'stale-epoch',
      'foreign',
    ]) {
      expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(100);
    }
  }, 240_000);
});

it('the log holds the very sequence, also of fifteen digits', async () => {
  const { admin } = zones.server(0);
  await admin.flushall();
  for (const { text } of acceptorScripts) await admin.script('LOAD', text);
  const { configuration, stamp } = epochs[0]!;
  const { text, mac } = configuration;
  await admin.eval(formatScript.text, 1, 'zonehold:cfg', self, stamp, text, mac);
  await admin.hset('zonehold:cfg', 'seq', '899999999999990');
  const id = { scope: 'i1', name: 'key/1' };
  const ballot = formatBallot(1n, 'a'.repeat(16));
  const request = { id, stamp, ballot, payload: '-v', mac: 'mac', summary: '{}' };
  const to = { self, recordName: 'own', seen: {}, record: plainRecords.sign };
  const [name, ...args] = script(acceptCommand(to, request));
  await admin.call(name!, args);
  expect(await admin.zrange(logKey('i1'), '0', '-1', 'WITHSCORES')).toEqual([
    'key/1',
    '899999999999991',
  ]);
});

function queueSequence(
  seed: number,
  tags: Readonly<Record<string, string>>,
  kinds: Map<string, number>,
  queue: (command: readonly string[], check: (reply: unknown) => void) => void,
): void {
  const random = new SeededRandom(seed);
  const state = emptyAcceptor();
  const { configuration, stamp } = epochs[0]!;
  const where = (): string => `seed ${seed}`;
  queue(['flushall'], () => undefined);
  keep(state, format(state, self, configuration, stamp));
  const { text, mac } = configuration;
  queue(['eval', formatScript.text, '1', 'zonehold:cfg', self, stamp, text, mac], () => undefined);
  for (let count = 0; count < 20; count += 1) {
    const step = randomStep(random, state.header!);
    const expected = step.run(state) as Record<string, unknown>;
    const kind = String(expected['standing'] ?? expected['kind']);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    queue(step.command, (reply) => {
      expect(withoutReason(step.show(reply as ScriptReply)), where()).toEqual(
        withoutReason(expected),
      );
    });
  }
  const wanted = expectedDump(state, tags) as Record<string, unknown>;
  queue(['dbsize'], (reply) => expect(reply, where()).toBe(Object.keys(wanted).length));
  const hashes = [
    'zonehold:cfg',
    ...scopes.flatMap((scope) => names.map((name) => `${tags[scope]!}:reg:${scope}/${name}`)),
    ...scopes.map((scope) => `${tags[scope]!}:list:${scope}`),
  ];
  for (const key of hashes) {
    queue(['hgetall', key], (reply) => expect(asRecord(reply), where()).toEqual(wanted[key] ?? {}));
  }
  for (const scope of scopes) {
    const log = `${tags[scope]!}:log:${scope}`;
    queue(['zrange', log, '0', '-1', 'WITHSCORES'], (reply) =>
      expect(reply, where()).toEqual(wanted[log] ?? []),
    );
  }
  for (const tag of Object.values(tags)) {
    queue(['zrange', `${tag}:idx:all`, '0', '-1'], (reply) =>
      expect(reply, where()).toEqual(wanted[`${tag}:idx:all`] ?? []),
    );
  }
}

function withoutReason(reply: unknown): unknown {
  return { ...(reply as object), reason: undefined };
}

/** HGETALL through a pipeline may come flat or as an object. */
function asRecord(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const flat = reply as string[];
  return Object.fromEntries(
    flat.flatMap((name, position) => (position % 2 === 0 ? [[name, flat[position + 1]]] : [])),
  );
}
