// Step 2 of erasures: one rewrite of each zone's AOF for all that wait. Carries out what zone-rewrites.ts decides.
import { Deadline, isKmsError } from '@zonehold/primitives';
import type { RegisterId } from '@zonehold/caspaxos';
import { stepTimeoutMs, type ErasurePorts } from './ports.ts';
import {
  nextRewriteStep,
  noRewrites,
  type RewriteStep,
  type ZoneRewrites,
} from './zone-rewrites.ts';

/** Claim, send, and a look after each; more would be a bug. */
const stepsMax = 4;
const lookTimeoutMs = 2_000;

const registerOf = (zone: string): RegisterId => ({ scope: 'erasure-zones', name: zone });

/** Every zone's rounds, by zone. Fails as RegisterStore does. */
export async function readRewrites(
  ports: Pick<ErasurePorts, 'store' | 'zones'>,
  deadline: Deadline,
): Promise<Readonly<Record<string, ZoneRewrites>>> {
  const states = await ports.store.read(ports.zones.map(registerOf), deadline);
  return Object.fromEntries(
    ports.zones.map((zone, at) => [zone, parse(states[at]?.value ?? null)] as const),
  );
}

/**
 * Takes the zone's steps until it must wait. A zone that takes no part is left alone: its memory is not known to be clean. Gives the
 * finished round; a Redis that cannot be asked changes nothing. Fails as RegisterStore does.
 */
export async function advanceRewrite(
  ports: ErasurePorts,
  zone: string,
  isWanted: (finished: number) => boolean,
): Promise<number> {
  let finished = 0;
  for (let step = 0; step < stepsMax; step += 1) {
    const state =
      (await readRewrites({ ...ports, zones: [zone] }, soon(ports)))[zone] ?? noRewrites;
    finished = state.finished;
    // Nothing was ever erased here, and nothing is to be: do not even ask Redis.
    if (state.round === 0 && !isWanted(finished)) return finished;
    if (!isVoter(ports, zone)) return finished;
    const decided = await decide(ports, zone, state, isWanted(finished));
    if (decided === undefined || decided.kind === 'idle' || decided.kind === 'wait')
      return finished;
    if (!(await write(ports, zone, state, decided.next))) continue;
    if (decided.kind === 'send') {
      ports.log.info('erasure.rewrite-sent', { acceptorZone: zone, round: decided.next.round });
      await attempt(ports, zone, () => ports.aof.start(zone, lookTimeoutMs));
      return finished;
    }
  }
  return finished;
}

async function decide(
  ports: ErasurePorts,
  zone: string,
  state: ZoneRewrites,
  isWanted: boolean,
): Promise<RewriteStep | undefined> {
  const look = await attempt(ports, zone, () => ports.aof.look(zone, lookTimeoutMs));
  return look && nextRewriteStep(state, look, isWanted, ports.clock.wallMs());
}

/** What a Redis refuses or does not answer is tried again with the next pass. */
async function attempt<Result>(
  ports: ErasurePorts,
  zone: string,
  ask: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isKmsError(error)) throw error;
    ports.log.debug('erasure.rewrite-unasked', { acceptorZone: zone, error });
    return undefined;
  }
}

/** False when another key-manager took a step meanwhile. */
async function write(
  ports: ErasurePorts,
  zone: string,
  state: ZoneRewrites,
  next: ZoneRewrites,
): Promise<boolean> {
  const before = JSON.stringify(state);
  const { result } = await ports.store.change<boolean>(
    registerOf(zone),
    (current) =>
      JSON.stringify(parse(current)) === before
        ? { kind: 'write', value: JSON.stringify(next), summary: null, result: true }
        : { kind: 'keep', result: false },
    soon(ports),
  );
  return result;
}

function parse(text: string | null): ZoneRewrites {
  return text === null ? noRewrites : (JSON.parse(text) as ZoneRewrites);
}

function isVoter({ store }: ErasurePorts, zone: string): boolean {
  return store.zones().some((state) => state.zone === zone && state.standing === 'voter');
}

function soon({ clock }: ErasurePorts): Deadline {
  return Deadline.after(clock, stepTimeoutMs);
}
