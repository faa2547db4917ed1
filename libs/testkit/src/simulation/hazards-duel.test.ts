// Hazards of proposers that meet (reference A1.6, A1.12) and of callers that repeat (B5), in virtual time with a latency.
import type { AcceptorPort, Decision, RegisterId } from '@zonehold/caspaxos';
import { Deadline, isKmsError } from '@zonehold/primitives';
import { beforeEach, describe, expect, it } from 'vitest';
import { Scene, sceneRegister, type SceneProcess } from './scene.ts';

const [a, b, c] = ['us-south-1', 'us-south-2', 'us-south-3'] as const;
const oneWayMs = 2;
const other: RegisterId = { scope: 'instance-1', name: 'key/other' };

let scene: Scene;
let conflicts: number;
/** How long an accept is on its way to a zone. */
let acceptMs: number;

/** Each message takes its time, there and back. */
function distant(port: AcceptorPort): AcceptorPort {
  const travel = async <Reply>(call: () => Promise<Reply>, ms = oneWayMs): Promise<Reply> => {
    await scene.time.sleep(ms);
    const reply = await call();
    await scene.time.sleep(oneWayMs);
    return reply;
  };
  const noted = <Reply extends { readonly kind: string }>(reply: Reply): Reply => {
    if (reply.kind === 'conflict') conflicts += 1;
    return reply;
  };
  return {
    zone: port.zone,
    read: (...call) => travel(() => port.read(...call)),
    prepare: (...call) => travel(() => port.prepare(...call)).then(noted),
    accept: (...call) => travel(() => port.accept(...call), acceptMs).then(noted),
    list: (...call) => port.list(...call),
    scan: (...call) => port.scan(...call),
    install: (...call) => port.install(...call),
    standing: () => port.standing(),
    close: () => port.close(),
  };
}

const opIds = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

beforeEach(() => {
  conflicts = 0;
  acceptMs = oneWayMs;
  scene = new Scene({ wrapPorts: () => distant });
});

describe('hazard A1.6: duelling proposers', () => {
  it('all get through within their deadline, since they back off', async () => {
    const processes = ['p', 'q', 'r'].map((name) => ({ name, process: scene.process() }));
    const appends = processes.flatMap(({ name, process }) =>
      opIds(name, 10).map((opId) => scene.append(process, opId, 3_000)),
    );
    await scene.ended(Promise.all(appends));
    const list = await scene.read(scene.process());
    expect([...list].sort()).toEqual(processes.flatMap(({ name }) => opIds(name, 10)));
    expect(conflicts).toBeGreaterThan(0);
  });

  it('do not keep each other from accepting for ever, however their rounds fall between each other', async () => {
    // Slow enough that another prepare fits in before each accept: without a random pause they would do so for ever.
    acceptMs = 12;
    const processes = [1, 2, 3].map(() => scene.process());
    for (let second = 1; second <= 8; second += 1) {
      for (let third = 1; third <= 8; third += 1) {
        const appends = processes.map(async (process, index) => {
          await scene.time.sleep([0, second, second + third][index]!);
          return scene.append(process, `${second}-${third}-${index}`, 2_000);
        });
        await scene.ended(Promise.all(appends));
      }
    }
    expect((await scene.read(scene.process())).length).toBe(8 * 8 * 3);
  });

  it('never are one process: its changes of one register take turns', async () => {
    const process = scene.process();
    await scene.ended(Promise.all(opIds('p', 30).map((opId) => scene.append(process, opId))));
    expect(await scene.read(process)).toEqual(opIds('p', 30));
    expect(conflicts).toBe(0);
  });
});

describe('hazard A1.12: contention', () => {
  /** How long one change of another register takes, by a process that has its connections. */
  async function otherChangeMs({ store }: SceneProcess, value: string): Promise<number> {
    const write = (): Decision<undefined> => ({
      ...{ kind: 'write', value, summary: null, result: undefined },
    });
    const beginMs = scene.time.monotonicMs();
    await scene.ended(store.change(other, write, Deadline.after(scene.time, 3_000)));
    return scene.time.monotonicMs() - beginMs;
  }

  it('on one register delays no other, not even in the same process', async () => {
    const processes = [1, 2, 3].map(() => scene.process());
    await otherChangeMs(processes[0]!, 'warm');
    const aloneMs = await otherChangeMs(processes[0]!, 'alone');
    const appends = processes.flatMap((process, index) =>
      opIds(`p${index}`, 10).map((opId) => scene.append(process, opId, 5_000)),
    );
    await scene.ended(scene.time.sleep(20));
    expect(await otherChangeMs(processes[0]!, 'amid')).toBe(aloneMs);
    expect(conflicts).toBeGreaterThan(0);
    await scene.ended(Promise.all(appends));
  });
});

interface KeyRecord {
  readonly versions: readonly string[];
  readonly operations: Readonly<Record<string, string>>;
}

/** Creates or rotates: material is made before the round, and the result is what the record says of the operation. */
function addVersion({ store }: SceneProcess, opId: string, material: string): Promise<string> {
  const change = (value: string | null): Decision<string> => {
    const none: KeyRecord = { versions: [], operations: {} };
    const record = value === null ? none : (JSON.parse(value) as KeyRecord);
    const first = record.operations[opId];
    if (first !== undefined) return { kind: 'keep', result: first };
    const next: KeyRecord = {
      versions: [...record.versions, material],
      operations: { ...record.operations, [opId]: material },
    };
    return { kind: 'write', value: JSON.stringify(next), summary: null, result: material };
  };
  const deadline = Deadline.after(scene.time, 1_000);
  return store.change(sceneRegister, change, deadline).then(({ result }) => result);
}

async function versions(away: string): Promise<readonly string[]> {
  const { store, network } = scene.process();
  network.script = (_kind, zone) => (zone === away ? 'lose-request' : 'deliver');
  const [state] = await scene.ended(store.read([sceneRegister], Deadline.after(scene.time, 3_000)));
  return (JSON.parse(state!.value!) as KeyRecord).versions;
}

/** The accept reaches the zones of `reached`, no answer comes back, and then the process hears nothing more. */
async function sendAndLose(reached: readonly string[]): Promise<void> {
  const writer = scene.process();
  let accepts = 0;
  writer.network.script = (kind, zone) => {
    if (accepts >= 3) return 'lose-request';
    if (kind !== 'accept') return 'deliver';
    accepts += 1;
    return reached.includes(zone) ? 'lose-reply' : 'lose-request';
  };
  const error: unknown = await scene
    .ended(addVersion(writer, 'op-1', 'first material'))
    .catch((thrown: unknown) => thrown);
  expect(isKmsError(error) && error.outcome).toBe('unknown');
}

describe('hazard B5: a create or rotate that is repeated after an unknown outcome', () => {
  const repeat = (): Promise<string> =>
    scene.ended(addVersion(scene.process(), 'op-1', 'other material'));

  it.each([
    ['two zones had it', [a, b]],
    ['all zones had it', [a, b, c]],
  ])('gives the first result, and is applied once: %s', async (_name, reached) => {
    await sendAndLose(reached);
    expect(await repeat()).toBe('first material');
    expect(await repeat()).toBe('first material');
    for (const away of [a, b, c]) expect(await versions(away)).toEqual(['first material']);
  });

  it('gives the first result when another proposer found it half made, and built on it', async () => {
    await sendAndLose([a]);
    const builder = scene.process();
    builder.network.script = (_kind, zone) => (zone === c ? 'lose-request' : 'deliver');
    expect(await scene.ended(addVersion(builder, 'op-2', 'rotated'))).toBe('rotated');
    expect(await repeat()).toBe('first material');
    for (const away of [a, b, c])
      expect(await versions(away)).toEqual(['first material', 'rotated']);
  });

  it('is the first when what was sent is outvoted, and what was sent never comes back', async () => {
    await sendAndLose([a]);
    const builder = scene.process();
    builder.network.script = (_kind, zone) => (zone === a ? 'lose-request' : 'deliver');
    expect(await scene.ended(addVersion(builder, 'op-2', 'rotated'))).toBe('rotated');
    expect(await repeat()).toBe('other material');
    for (const away of [a, b, c])
      expect(await versions(away)).toEqual(['rotated', 'other material']);
  });
});
