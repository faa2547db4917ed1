// Clients of the simulation: each calls one operation after the other through some process's store and writes down what
// it was told. Registers are lists (append, read) and cells (create, compare-and-swap, read).
import type { ChangeFunction, RegisterId, RegisterStore } from '@zonehold/caspaxos';
import { Deadline, isKmsError, type SeededRandom } from '@zonehold/primitives';
import type {
  AnyOperation,
  AppendOperation,
  CasOperation,
  History,
  ListReadOperation,
  ReadOperation,
} from './history.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What an operation needs. */
export interface Client {
  readonly time: VirtualTime;
  readonly history: History;
  readonly store: Pick<RegisterStore, 'read' | 'change'>;
  readonly timeoutMs: number;
}

const busyListNames = ['list-1', 'list-2'] as const;
/** Touched once in a while: what is written there stays with the zones that took it, until a rebuild comes by. */
const quietListNames = ['list-3', 'list-4', 'list-5', 'list-6'] as const;
export const listNames = [...busyListNames, ...quietListNames] as const;
export const cellNames = ['cell-1', 'cell-2'] as const;

const quietChance = 0.04;

const idOf = (name: string): RegisterId => ({ scope: 'simulation', name });

interface Cell {
  readonly current: string;
  /** Every swap ever applied: how a re-run recognises its own work (reference B5). */
  readonly opIds: readonly string[];
}

const listOf = (value: string | null): readonly string[] =>
  value === null ? [] : (JSON.parse(value) as readonly string[]);
const cellOf = (value: string | null): Cell | null =>
  value === null ? null : (JSON.parse(value) as Cell);

/** Runs one operation and records how it ended. Anything but a KmsError is a bug and passes through. */
async function record(
  client: Client,
  operation: AnyOperation,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
    client.history.end(operation, 'ok');
  } catch (error) {
    if (!isKmsError(error)) throw error;
    client.history.end(operation, error.outcome);
  }
}

const deadlineOf = ({ time, timeoutMs }: Client): Deadline => Deadline.after(time, timeoutMs);

/** Appends `opId` to a list. */
export function append(client: Client, register: string, opId: string): Promise<void> {
  const operation = client.history.begin<AppendOperation>({
    kind: 'append',
    opId,
    register,
    seen: [],
  });
  const change: ChangeFunction<readonly string[]> = (value) => {
    const list = listOf(value);
    if (list.includes(opId)) return { kind: 'keep', result: list };
    const longer = [...list, opId];
    return { kind: 'write', value: JSON.stringify(longer), summary: opId, result: longer };
  };
  return record(client, operation, async () => {
    operation.seen = (await client.store.change(idOf(register), change, deadlineOf(client))).result;
  });
}

/** Reads a list. */
export function readList(client: Client, register: string, opId: string): Promise<void> {
  const operation = client.history.begin<ListReadOperation>({
    kind: 'list-read',
    opId,
    register,
    seen: [],
  });
  return record(client, operation, async () => {
    const [state] = await client.store.read([idOf(register)], deadlineOf(client));
    operation.seen = listOf(state?.value ?? null);
  });
}

/** Writes `opId` into a cell that holds `expected`; `null` creates. */
export function swap(
  client: Client,
  register: string,
  opId: string,
  expected: string | null,
): Promise<void> {
  const operation = client.history.begin<CasOperation>({
    kind: 'cas',
    opId,
    register,
    expected,
    isSwapped: false,
    seen: null,
  });
  const change: ChangeFunction<{ isSwapped: boolean; seen: string | null }> = (value) => {
    const cell = cellOf(value);
    if (cell?.opIds.includes(opId))
      return { kind: 'keep', result: { isSwapped: true, seen: opId } };
    const current = cell?.current ?? null;
    if (current !== expected) return { kind: 'keep', result: { isSwapped: false, seen: current } };
    const next: Cell = { current: opId, opIds: [...(cell?.opIds ?? []), opId] };
    return {
      kind: 'write',
      value: JSON.stringify(next),
      summary: null,
      result: { isSwapped: true, seen: opId },
    };
  };
  return record(client, operation, async () => {
    const { result } = await client.store.change(idOf(register), change, deadlineOf(client));
    operation.isSwapped = result.isSwapped;
    operation.seen = result.seen;
  });
}

/** Reads a cell. */
export function readCell(client: Client, register: string, opId: string): Promise<void> {
  const operation = client.history.begin<ReadOperation>({
    kind: 'read',
    opId,
    register,
    seen: null,
  });
  return record(client, operation, async () => {
    const [state] = await client.store.read([idOf(register)], deadlineOf(client));
    operation.seen = cellOf(state?.value ?? null)?.current ?? null;
  });
}

/** Some operation on some register. `seenInCells` holds what this client saw of each cell, to aim swaps with. */
export async function anyOperation(
  client: Client,
  random: SeededRandom,
  opId: string,
  seenInCells: Map<string, string | null>,
): Promise<void> {
  if (random.unit() < quietChance) {
    await append(client, quietListNames[random.below(quietListNames.length)]!, opId);
    return;
  }
  if (random.unit() < 0.5) {
    const register = busyListNames[random.below(busyListNames.length)]!;
    await (random.unit() < 0.6 ? append : readList)(client, register, opId);
    return;
  }
  const register = cellNames[random.below(cellNames.length)]!;
  if (random.unit() < 0.35) {
    await readCell(client, register, opId);
  } else {
    // One in five aims at what it saw long ago, or at nothing: refusals must be right as well.
    const isAimed = random.unit() < 0.8;
    const expected = isAimed ? (seenInCells.get(register) ?? null) : null;
    await swap(client, register, opId, expected);
  }
  const last = client.history.operations.find((operation) => operation.opId === opId);
  if (last?.outcome === 'ok' && (last.kind === 'cas' || last.kind === 'read')) {
    seenInCells.set(register, last.seen);
  }
}
