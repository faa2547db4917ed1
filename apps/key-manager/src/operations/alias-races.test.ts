// Random histories of aliases: several zones, slow and dying requests. What must hold at the end, whatever happened: an alias is
// listed by at most one key, and leads to that key. A failing history is printed by fast-check and shrunk.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationReply, OperationRequest } from '@zonehold/api-contract';
import { KmsError } from '@zonehold/primitives';
import {
  makeKey,
  requestOf,
  send,
  slowedManager,
  startRegion,
  succeeded,
  type TestRegion,
} from '../testing/key-managers.ts';

const names = ['payroll', 'wages'] as const;
const keysMade = 2;

const step = fc.record({
  kind: fc.constantFrom('give', 'give', 'take', 'create', 'end'),
  alias: fc.constantFrom(...names),
  key: fc.nat(keysMade - 1),
  /** Turns of the event loop before each change of a register. */
  waits: fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }),
  /** The change before which its process dies; most are done before. */
  diesAt: fc.nat(7),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function run(test: TestRegion, keys: readonly string[], wanted: Step): Promise<void> {
  let changes = 0;
  const manager = slowedManager(test, async () => {
    if (changes === wanted.diesAt) throw new KmsError('UNAVAILABLE', 'the process is gone');
    const waits = wanted.waits[changes % wanted.waits.length] ?? 0;
    changes += 1;
    for (let at = 0; at < waits; at += 1) await Promise.resolve().then(() => undefined);
  });
  await send(manager, requestFor(test, keys, wanted)).catch(
    (error: unknown): OperationReply | undefined => {
      if (error instanceof KmsError) return undefined;
      throw error;
    },
  );
}

function requestFor(test: TestRegion, keys: readonly string[], wanted: Step): OperationRequest {
  const { kind, alias, key } = wanted;
  const members = { keyRef: keys[key] ?? '', subRef: alias };
  if (kind === 'give') return requestOf(test, 'createKeyAlias', members);
  if (kind === 'take') return requestOf(test, 'deleteKeyAlias', members);
  if (kind === 'end') return requestOf(test, 'deleteKeyAlias', { ...members, keyRef: alias });
  const body = { name: 'a key', isExtractable: false, aliases: names };
  return requestOf(test, 'createKey', { body });
}

describe('aliases in random histories', () => {
  it('are each listed by at most one key, and lead to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 3 }),
        async (all) => {
          const test = await startRegion();
          const keys: string[] = [];
          for (let at = 0; at < keysMade; at += 1) keys.push(await makeKey(test));
          for (const atOnce of all) await Promise.all(atOnce.map((one) => run(test, keys, one)));
          const query = { limit: 200, offset: 0, sort: [], isTotalWanted: false };
          const list = await send(test.elsewhere, requestOf(test, 'getKeys', { query }));
          const { resources } = succeeded(list).body;
          for (const alias of names) {
            const holders = resources.filter((key) => key.aliases?.includes(alias) === true);
            const found = await send(
              test.here,
              requestOf(test, 'getKeyMetadata', { keyRef: alias }),
            );
            const leadsTo = found.ok ? [succeeded(found).body.resources[0].id] : [];
            expect(leadsTo).toEqual(holders.map(({ id }) => id));
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 30_000);
});
