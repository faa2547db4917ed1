// The bounded spaces that are explored: the quick ones with every test run, the long ones by `npm run prove`, and the mistakes
// that must be found. A name says what is in a space; its numbers are what "nothing was found" means.
import type { ExploreOptions } from './options.ts';

/** Spaces by name. */
export type Spaces = Readonly<Record<string, ExploreOptions>>;

const bounds = {
  roundsMax: 1,
  countersMax: 2,
  controllers: 1,
  epochsMax: 4,
  lossesMax: 1,
  loss: 'wiped',
  statesMax: 20_000_000,
} as const;
const write = ['write'] as const;
const read = ['read'] as const;
const writeRead = ['write', 'read'] as const;

/** Each is seen wholly; together some seconds. */
export const quickSpaces: Spaces = {
  'two operations each, answers lost, no disk lost': {
    ...{ ...bounds, controllers: 0, lossesMax: 0, losesReplies: true },
    programs: [writeRead, writeRead],
  },
  'two writers, one wipe, two rival controllers': {
    ...{ ...bounds, controllers: 2 },
    programs: [write, write],
  },
  'a reader and a writer, a second wipe in mid-rebuild': {
    ...{ ...bounds, countersMax: 1, lossesMax: 2, epochsMax: 6 },
    programs: [read, write],
  },
  'a writer and a reader, one rollback': {
    ...{ ...bounds, loss: 'rolled-back' },
    programs: [write, read],
  },
};

/** Each is seen wholly; together many minutes. */
export const longSpaces: Spaces = {
  'two writes each, three counters, answers lost, no disk lost': {
    ...{ ...bounds, countersMax: 3, controllers: 0, lossesMax: 0, losesReplies: true },
    programs: [
      ['write', 'write'],
      ['write', 'write'],
    ],
  },
  'two writers, two rounds each, three counters, one wipe': {
    ...{ ...bounds, roundsMax: 2, countersMax: 3 },
    programs: [write, write],
  },
  'a writer and a reader, one wipe, two rival controllers, answers lost': {
    ...{ ...bounds, controllers: 2, losesReplies: true },
    programs: [write, read],
  },
  'a writer and a reader, two wipes, two rival controllers': {
    ...{ ...bounds, controllers: 2, lossesMax: 2, epochsMax: 7 },
    programs: [write, read],
  },
  'two writers, one rollback, two rival controllers': {
    ...{ ...bounds, controllers: 2, loss: 'rolled-back' },
    programs: [write, write],
  },
  // The largest: 59.6 million states, four minutes and 1.5 GB.
  'two operations each, one wipe, two rival controllers': {
    ...{ ...bounds, controllers: 2, statesMax: 80_000_000 },
    programs: [writeRead, writeRead],
  },
};

/** Each must be found out. */
export const mistakenSpaces: Spaces = {
  'no fence: incarnations without stamps (the straddling quorum of reference A4)': {
    ...{ ...bounds, mistakes: { ignoresStamps: true } },
    programs: [write, write],
  },
  'no fence, two rival controllers': {
    ...{ ...bounds, controllers: 2, mistakes: { ignoresStamps: true } },
    programs: [write, write],
  },
  'the incarnation is decided before the format': {
    ...{ ...bounds, countersMax: 1, lossesMax: 2, mistakes: { reusesIncarnation: true } },
    programs: [write, read],
  },
  'a learner is promoted without a seal': {
    ...{ ...bounds, countersMax: 1, mistakes: { skipsSeal: true } },
    programs: [read, write],
  },
  'a second zone is evicted while the first is out': {
    ...{ ...bounds, countersMax: 1, mistakes: { evictsTwo: true } },
    programs: [read, write],
  },
};

/** No mistake as far as the explorer sees: kept to say so, and to be found out should the rules change. */
export const shortcutSpaces: Spaces = {
  'the seal only copies what both voters already agree on': {
    ...{ ...bounds, mistakes: { copiesWhereEqual: true } },
    programs: [write, read],
  },
};
