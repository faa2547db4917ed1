// The hazards of the reference (A1), each as a directed schedule against the real store: message by message, no chance.
import {
  createStore,
  epochOf,
  formatBallot,
  formatStamp,
  signConfiguration,
  type Decision,
  type RegisterId,
  type RegisterStore,
} from '@zonehold/caspaxos';
import { Deadline, KmsError, SeededRandom } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createMemoryRegion,
  immediateTransport,
  memberOf,
  selfIn,
  type MemoryRegion,
} from './memory-store.ts';
import { HostPorts } from './host-ports.ts';
import { ScriptedPorts, type Script } from './scripted-ports.ts';
import { VirtualTime } from './virtual-time.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const id: RegisterId = { scope: 'instance-1', name: 'key/one' };
const key = 'instance-1/key/one';
const without =
  (...zones: string[]): Script =>
  (_kind, zone) =>
    zones.includes(zone) ? 'lose-request' : 'deliver';

let time: VirtualTime;
let region: MemoryRegion;
let alarms: string[];
let epochs: number[];
let rounds: number;

interface Process {
  readonly network: ScriptedPorts;
  readonly store: RegisterStore;
}

function process(digit: string): Process {
  const network = new ScriptedPorts(
    (wrap) => new HostPorts(region, immediateTransport(region), undefined, wrap),
  );
  const store = createStore({
    ports: network.ports,
    configuration: region.configuration,
    authenticator: region.authenticator,
    clock: time,
    timers: time,
    random: new SeededRandom(1),
    proposerId: digit.repeat(16),
    observer: {
      round: () => (rounds += 1),
      conflict: () => undefined,
      reads: () => undefined,
      unknown: () => undefined,
      epoch: (epoch) => epochs.push(epoch),
      alarm: (kind, zone) => alarms.push(`${kind} ${zone}`),
    },
  });
  return { network, store };
}

/** Runs virtual time until `work` has ended, and gives its result or its error. */
async function ended<Value>(work: Promise<Value>): Promise<Value> {
  let isDone = false;
  work.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  await time.run(time.monotonicMs() + 60_000, () => isDone);
  return work;
}

const deadline = (timeoutMs = 500): Deadline => Deadline.after(time, timeoutMs);
const put = (value: string) => (): Decision<string> => ({
  kind: 'write',
  value,
  summary: null,
  result: value,
});
const valueOf = async ({ store }: Process): Promise<string | null> =>
  (await ended(store.read([id], deadline())))[0]!.value;
const acceptedAt = (zone: string) => region.host(zone).state.registers.get(key)?.accepted;

/** After the first accept phase everything is lost: the caller is told "unknown" at its deadline. */
function onlyFirstAccept(fate: Script): Script {
  let accepts = 0;
  return (kind, zone) => {
    if (accepts >= 3) return 'lose-request';
    if (kind !== 'accept') return 'deliver';
    accepts += 1;
    return fate(kind, zone);
  };
}

/** The first accept phase reaches A only; from then on A is silent. */
function onlyToOneZone(): Script {
  let accepts = 0;
  return (kind, zone) => {
    if (kind === 'accept' && (accepts += 1) <= 3) return zone === a ? 'lose-reply' : 'lose-request';
    return accepts > 0 && zone === a ? 'lose-request' : 'deliver';
  };
}

beforeEach(() => {
  time = new VirtualTime();
  region = createMemoryRegion();
  alarms = [];
  epochs = [];
  rounds = 0;
});

describe('hazard A1.1: a ballot used again after a failed accept', () => {
  it('cannot happen: the next write of the same process has another ballot, and survives any quorum', async () => {
    const first = process('1');
    first.network.script = onlyFirstAccept((_kind, zone) =>
      zone === a ? 'lose-reply' : 'lose-request',
    );
    await expect(ended(first.store.change(id, put('lost'), deadline()))).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      outcome: 'unknown',
    });
    const lostBallot = acceptedAt(a)!.ballot;
    // Only B and C take part: the old value on A is not seen.
    first.network.script = without(a);
    await ended(first.store.change(id, put('committed'), deadline()));
    expect(acceptedAt(b)!.ballot > lostBallot).toBe(true);
    const second = process('2');
    second.network.script = without(c);
    expect(await valueOf(second)).toBe('committed');
    expect(alarms).toEqual([]);
  });
});

describe('hazard A1.2: one accept delivered twice', () => {
  it('changes nothing, also when it comes after a later write', async () => {
    const first = process('1');
    first.network.script = (kind, zone) => (kind === 'accept' && zone === c ? 'hold' : 'deliver');
    await ended(first.store.change(id, put('old'), deadline()));
    const second = process('2');
    await ended(second.store.change(id, put('new'), deadline()));
    await first.network.release();
    for (const zone of [a, b, c]) expect(acceptedAt(zone)!.payload).toBe('-new');
  });

  it('with another payload at the same ballot is an alarm, and never an agreement', async () => {
    const first = process('1');
    await ended(first.store.change(id, put('true'), deadline()));
    const { ballot } = acceptedAt(b)!;
    const mac = region.authenticator.sign(id, ballot, '-other');
    const row = region.host(b).state.registers.get(key)!;
    region
      .host(b)
      .state.registers.set(key, { ...row, accepted: { ballot, payload: '-other', mac } });
    first.network.script = without(c);
    await ended(first.store.read([id], deadline()));
    expect(alarms.some((alarm) => alarm.startsWith('clash'))).toBe(true);
  });
});

describe('hazard A1.8 (CASSANDRA-12126): a negative answer, then an older half-made write appears', () => {
  const halfMade = async (): Promise<Process> => {
    const writer = process('1');
    writer.network.script = onlyFirstAccept((_kind, zone) => (zone === a ? 'lose-reply' : 'hold'));
    await expect(ended(writer.store.change(id, put('half'), deadline()))).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    return writer;
  };

  it('a read that meets the half-made write completes it before it answers', async () => {
    await halfMade();
    const reader = process('2');
    reader.network.script = without(c);
    expect(await valueOf(reader)).toBe('half');
    reader.network.script = without(a);
    expect(await valueOf(reader)).toBe('half');
  });

  it('a refusal that had to be decided by a round blocks the older accept for ever', async () => {
    const writer = await halfMade();
    const other = process('2');
    // Reads cannot agree (only B answers them), so the refusal needs a round, which B and C win without A.
    other.network.script = (kind, zone) =>
      zone === a || (kind === 'read' && zone === c) ? 'lose-request' : 'deliver';
    const refuse = (value: string | null): Decision<string | null> => ({
      kind: 'keep',
      result: value,
    });
    const { result } = await ended(other.store.change(id, refuse, deadline()));
    expect(result).toBeNull();
    await writer.network.release();
    for (const zones of [[a], [b], [c]]) {
      const reader = process('3');
      reader.network.script = without(...zones);
      expect(await valueOf(reader)).toBeNull();
    }
  });
});

describe('hazard A1.9: an unknown outcome that another proposer completes', () => {
  const countOnce = (opId: string) => {
    const calls: (string | null)[] = [];
    const change = (value: string | null): Decision<string> => {
      calls.push(value);
      const opIds = value === null ? [] : value.split(',');
      if (opIds.includes(opId)) return { kind: 'keep', result: 'already' };
      return { kind: 'write', value: [...opIds, opId].join(','), summary: null, result: 'written' };
    };
    return { calls, change };
  };

  it('is recognised by its operation id, and applied once', async () => {
    const writer = process('1');
    const other = process('2');
    let accepts = 0;
    let completion: Promise<unknown> = Promise.resolve();
    writer.network.script = (kind, zone) => {
      if (kind !== 'accept' || (accepts += 1) > 3) return 'deliver';
      if (accepts === 3) completion = other.store.change(id, countOnce('op-2').change, deadline());
      return zone === a ? 'lose-reply' : 'lose-request';
    };
    // The other proposer reaches A and B, finds op-1 half-made, and builds on it.
    other.network.script = without(c);
    const { result } = await ended(writer.store.change(id, countOnce('op-1').change, deadline()));
    await ended(completion);
    expect(['already', 'written']).toContain(result);
    expect((await valueOf(process('3')))!.split(',').sort()).toEqual(['op-1', 'op-2']);
  });

  it('is carried through unchanged, without asking the function again, when it is found as it was sent', async () => {
    const writer = process('1');
    let accepts = 0;
    writer.network.script = (kind, zone) => {
      if (kind !== 'accept' || (accepts += 1) > 3) return 'deliver';
      return zone === c ? 'lose-request' : 'lose-reply';
    };
    const { calls, change } = countOnce('op-1');
    const { result, state } = await ended(writer.store.change(id, change, deadline()));
    expect(result).toBe('written');
    expect(state.value).toBe('op-1');
    // Once on the read before, once in the first round.
    expect(calls).toEqual([null, null]);
  });
});

describe('a change function that throws', () => {
  it('leaves the outcome open once an earlier attempt was sent, and is itself the error before', async () => {
    const failure = new KmsError('INTEGRITY', 'cannot be read');
    const fails = (): Decision<string> => {
      throw failure;
    };
    await expect(ended(process('1').store.change(id, fails, deadline()))).rejects.toBe(failure);

    const writer = process('2');
    writer.network.script = onlyToOneZone();
    let calls = 0;
    // Asked on the read before, in the first round, and in the second, which finds the old value on B and C.
    const failsLater = (): Decision<string> => ((calls += 1) > 2 ? fails() : put('sent')());
    await expect(ended(writer.store.change(id, failsLater, deadline()))).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      outcome: 'unknown',
      cause: failure,
    });
    expect(acceptedAt(a)?.payload).toContain('sent');
  });
});

describe('a Redis that lies about ballots (P9)', () => {
  it('cannot push our counter: a forged promise is refused with an alarm, and the other two decide', async () => {
    const store = process('1').store;
    await ended(store.change(id, put('one'), deadline()));
    const row = region.host(b).state.registers.get(key)!;
    region.host(b).state.registers.set(key, { ...row, promise: 'f'.repeat(32) });
    const { state } = await ended(store.change(id, put('two'), deadline()));
    expect(state.ballot < formatBallot(10n, '0'.repeat(16))).toBe(true);
    expect(alarms).toContain('implausible-ballot us-south-2');
  });

  it('leads to UNAVAILABLE, never to a wrong answer, when a second zone is away', async () => {
    const { store, network } = process('1');
    await ended(store.change(id, put('one'), deadline()));
    const row = region.host(b).state.registers.get(key)!;
    const forged = {
      ballot: formatBallot(99n, 'a'.repeat(16)),
      payload: '-evil',
      mac: row.accepted.mac,
    };
    region.host(b).state.registers.set(key, { ...row, accepted: forged });
    network.script = without(c);
    await expect(ended(store.read([id], deadline()))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(new Set(alarms)).toEqual(new Set(['forged us-south-2']));
  });
});

describe('a configuration that changes during a round', () => {
  const nextConfiguration = (authenticator = region.authenticator) => {
    const voters = region.hosts.map(({ zone }) => memberOf(zone));
    const configuration = signConfiguration({ epoch: 2, voters, learner: null }, authenticator);
    return { configuration, stamp: formatStamp(2, authenticator.digest(configuration.text)) };
  };
  const install = (zone: string, next = nextConfiguration()): void => {
    const host = region.host(zone);
    const expected = formatStamp(1, region.authenticator.digest(region.configuration.text));
    host.decide(host.rules.installConfiguration(host.state, selfIn(zone), expected, next));
  };

  it('is learnt from the refusals, and the change goes on within its deadline', async () => {
    const { store, network } = process('1');
    let isInstalled = false;
    network.script = (kind) => {
      if (kind === 'accept' && !isInstalled) {
        isInstalled = true;
        for (const zone of [a, b, c]) install(zone);
      }
      return 'deliver';
    };
    const { result } = await ended(store.change(id, put('under two'), deadline()));
    expect(result).toBe('under two');
    expect(epochs).toEqual([2]);
    expect(await valueOf(process('2'))).toBe('under two');
  });

  it('does not mix replies of two epochs: one zone ahead is one zone that refuses', async () => {
    const { store, network } = process('1');
    await ended(store.change(id, put('one'), deadline()));
    install(a);
    network.script = (kind, zone) =>
      zone === b || kind === 'install' ? 'lose-request' : 'deliver';
    await expect(ended(store.read([id], deadline()))).rejects.toMatchObject({
      outcome: 'not-applied',
    });
    expect(epochOf(region.host(c).state.header!.stamp)).toBe(1);
    for (const zone of [b, c]) install(zone);
    expect(await valueOf({ store, network })).toBe('one');
  });

  it('is installed by whoever meets a zone that missed it, and the caller does not see it', async () => {
    const { store, network } = process('1');
    await ended(store.change(id, put('one'), deadline()));
    install(a);
    network.script = without(b);
    expect(await valueOf({ store, network })).toBe('one');
    expect(epochOf(region.host(c).state.header!.stamp)).toBe(2);
  });

  it('is not believed without its MAC', async () => {
    const { store } = process('1');
    const next = nextConfiguration();
    install(a, { ...next, configuration: { ...next.configuration, mac: 'forged' } });
    await ended(store.change(id, put('one'), deadline()));
    await ended(store.read([id], deadline()));
    expect(epochs).toEqual([]);
    expect(alarms).toContain('forged-configuration us-south-1');
  });
});

describe('many readers of a half-made write', () => {
  it('share write-backs that have not begun, and all get the same answer', async () => {
    const writer = process('1');
    writer.network.script = onlyFirstAccept((_kind, zone) =>
      zone === a ? 'lose-reply' : 'lose-request',
    );
    await expect(ended(writer.store.change(id, put('half'), deadline()))).rejects.toThrow();
    const reader = process('2');
    reader.network.script = without(c);
    rounds = 0;
    const reads = Array.from({ length: 200 }, () => reader.store.read([id], deadline()));
    const values = (await ended(Promise.all(reads))).map(([state]) => state!.value);
    expect(new Set(values)).toEqual(new Set(['half']));
    expect(rounds).toBeLessThanOrEqual(4);
  });
});
