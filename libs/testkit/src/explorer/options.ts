// What the explorer may be asked to explore, and what it says afterwards. Bounds and switches only; the meaning of each is
// in clients.ts (operations), world.ts (configurations, disks) and acceptors.ts (the fence).

/** `write` appends its own letter; `read` is the fast read, then the round that writes back; `seal` is the rebuild's. */
export type OperationKind = 'write' | 'read' | 'seal';

/** Mistakes that can be switched on here and nowhere else. All off: the real procedure. */
export interface Mistakes {
  /** Acceptors answer whatever configuration a message was made under: incarnations only (reference A4, "not enough"). */
  readonly ignoresStamps?: boolean;
  /** Every attempt formats with the same incarnation, as if it were decided before the format. */
  readonly reusesIncarnation?: boolean;
  /** A learner is promoted without a seal. */
  readonly skipsSeal?: boolean;
  /** Where both voters show the same ballot the seal only copies it to the learner: no round, no fresh promise. */
  readonly copiesWhereEqual?: boolean;
  /** A second zone may be evicted while the first is still out. */
  readonly evictsTwo?: boolean;
}

/** One bounded space. Every bound is part of what an empty result means. */
export interface ExploreOptions {
  /** The operations of each proposer, one after the other. One or two proposers. */
  readonly programs: readonly (readonly OperationKind[])[];
  /** Rounds per operation; a read has its fast try besides. */
  readonly roundsMax: number;
  /** Ballot counters are 1 to this, chosen freely above the proposer's own last. */
  readonly countersMax: number;
  /** Rival rebuild controllers; each may run one seal of `roundsMax` rounds and stop anywhere. */
  readonly controllers: 0 | 1 | 2;
  /** Configurations that can be decided, the first included. One rebuild makes four. */
  readonly epochsMax: number;
  /** How often zone C loses its disk, at any time. */
  readonly lossesMax: number;
  /** `wiped`: it comes back empty. `rolled-back`: on an older copy of itself, taken at any time. */
  readonly loss: 'wiped' | 'rolled-back';
  /** Also explore accepts that are stored while their acknowledgement is lost. */
  readonly losesReplies?: boolean;
  readonly mistakes?: Mistakes;
  /** Stop here and report `isComplete` false. */
  readonly statesMax: number;
  /** For checking the explorer against itself: leave out the reduction by symmetry of zones A and B. */
  readonly keepsMirrorImages?: boolean;
}

/** One way to break the promise, as lines to read from top to bottom. */
export interface Violation {
  readonly message: string;
  readonly schedule: readonly string[];
}

/** What was seen. */
export interface ExploreReport {
  /** Distinct states (of mirror images one). */
  readonly states: number;
  /** Steps taken between them, those that led to known states included. */
  readonly transitions: number;
  /** Steps of the longest schedule tried. */
  readonly maxDepth: number;
  /** The first one found; the search ends with it. */
  readonly violations: readonly Violation[];
  /** Every state within the bounds was seen: neither a violation nor `statesMax` ended the search. */
  readonly isComplete: boolean;
}
