// The steps out of one state, in buffers that are used again: a search makes tens of millions of them.

/** Where each part of the region stands in a state's vector. */
export const place = { acceptors: 0, clients: 3, flights: 7, world: 8, width: 9 } as const;

/** What kind of step a label is. The order is the order in which a search tries them last to first. */
export const stepKinds = [
  'begin',
  'reply',
  'accept',
  'accept-unheard',
  'install',
  'decide',
  'lose-disk',
  'copy-disk',
  'format',
  'reincarnate',
] as const;
export type StepKind = (typeof stepKinds)[number];

/** A step in one number, for narrate.ts: zone in the names of the state it leaves. */
export interface Label {
  readonly kind: StepKind;
  readonly actor: number;
  readonly zone: number;
  /** A start, a configuration or a message, by the kind. */
  readonly detail: number;
}

const actorsMax = 4;
const zonesMax = 4;

export function packLabel(kind: StepKind, actor: number, zone: number, detail: number): number {
  return stepKinds.indexOf(kind) + 16 * (actor + actorsMax * (zone + zonesMax * detail));
}

export function unpackLabel(label: number): Label {
  const rest = Math.floor(label / 16);
  return {
    kind: stepKinds[label % 16]!,
    actor: rest % actorsMax,
    zone: Math.floor(rest / actorsMax) % zonesMax,
    detail: Math.floor(rest / (actorsMax * zonesMax)),
  };
}

/** A growing list of steps, cleared and filled again. */
export class Steps {
  count = 0;
  vectors = new Int32Array(place.width * 64);
  readonly labels: number[] = [];
  /** The state was turned into its mirror image: zones A and B changed names. */
  readonly mirrored: boolean[] = [];
  readonly problems: (string | undefined)[] = [];

  clear(): void {
    this.count = 0;
  }

  add(vector: Int32Array, label: number, isMirrored: boolean, problem: string | undefined): void {
    const offset = this.count * place.width;
    if (offset + place.width > this.vectors.length) {
      const wider = new Int32Array(this.vectors.length * 2);
      wider.set(this.vectors);
      this.vectors = wider;
    }
    this.vectors.set(vector, offset);
    this.labels[this.count] = label;
    this.mirrored[this.count] = isMirrored;
    this.problems[this.count] = problem;
    this.count += 1;
  }
}
