// Lists under concurrent changes and faults are right name by name, and lists that are not are found.
// Replay one seed: SEED=17 npx vitest run --project simulation libs/testkit -t lists
import type { AcceptorPort } from '@zonehold/caspaxos';
import { describe, expect, it } from 'vitest';
import { realRules } from './acceptor-host.ts';
import { runListing, type ListingVariant } from './listing-run.ts';

const listsPerSeed = 60;
const replayed = process.env['SEED'];
const seeds =
  replayed === undefined ? Array.from({ length: 120 }, (_, seed) => seed) : [Number(replayed)];

/** Says that nothing is new without asking: what a list from memory would be. */
function lazy(port: AcceptorPort): AcceptorPort {
  return {
    zone: port.zone,
    read: (...call) => port.read(...call),
    prepare: (...call) => port.prepare(...call),
    accept: (...call) => port.accept(...call),
    install: (...call) => port.install(...call),
    scan: (...call) => port.scan(...call),
    standing: () => port.standing(),
    close: () => port.close(),
    list: async (request, timeoutMs) =>
      request.sinceSeq === 0 || request.sinceSeq % 3 === 0
        ? port.list(request, timeoutMs)
        : { kind: 'list', changes: [], throughSeq: request.sinceSeq, isComplete: true },
  };
}

const controls: Readonly<Record<string, ListingVariant>> = {
  'a store that answers from memory': { wrapPort: lazy },
  'an acceptor that logs no removals': {
    rules: {
      ...realRules,
      list: (state, to, request) => {
        const reply = realRules.list(state, to, request);
        if (reply.kind !== 'list') return reply;
        return { ...reply, changes: reply.changes.filter(({ summary }) => summary !== null) };
      },
    },
  },
  'an acceptor whose pages begin too late': {
    rules: {
      ...realRules,
      list: (state, to, request) =>
        realRules.list(state, to, { ...request, sinceSeq: request.sinceSeq + 1 }),
    },
  },
};

describe('lists under concurrent changes', () => {
  it('are right while zones crash and messages are lost', async () => {
    const sum = { lists: 0, refused: 0, unsettled: 0 };
    for (const seed of seeds) {
      const { findings, lists, refusedLists, unsettled } = await runListing(seed, listsPerSeed);
      expect(findings, `seed ${seed}`).toEqual([]);
      sum.lists += lists;
      sum.refused += refusedLists;
      sum.unsettled += unsettled;
    }
    if (replayed !== undefined) return;
    // Lists that are refused, and lists without doubts, prove nothing.
    expect(sum.refused).toBeLessThan(sum.lists / 3);
    expect(sum.unsettled).toBeGreaterThan(seeds.length);
  });

  it.each(Object.entries(controls))('are found out with %s', async (_what, variant) => {
    for (let seed = 0; seed < 120; seed += 1) {
      const { findings } = await runListing(seed, listsPerSeed, variant);
      if (findings.length > 0) return;
    }
    throw new Error('120 seeds did not show it');
  });
});
