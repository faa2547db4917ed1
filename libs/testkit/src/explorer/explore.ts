// The search: every schedule within the bounds, depth first, each state once. Stops at the first violation and prints how to
// get there. Pure: same options, same report.
import { narrate } from './narrate.ts';
import type { ExploreOptions, ExploreReport, Violation } from './options.ts';
import { Region } from './region.ts';
import { place, Steps } from './steps.ts';
import { VisitedSet } from './visited.ts';

/** Far beyond any schedule of the spaces we bound: reaching it is a mistake in the bounds. */
const depthMax = 1_000;

/** One state on the way down: the steps out of it, and how many are still to be tried. */
interface Frame {
  readonly steps: Steps;
  left: number;
}

/** Explores one bounded space. */
export function explore(options: ExploreOptions): ExploreReport {
  const region = new Region(options);
  const visited = new VisitedSet();
  const start = region.start();
  visited.add(start, 0, place.width);
  const frames: Frame[] = [];
  let [depth, maxDepth, transitions] = [0, 0, 0];
  const descend = (vectors: Int32Array, offset: number): void => {
    const frame = (frames[depth] ??= { steps: new Steps(), left: 0 });
    frame.steps.clear();
    region.expand(vectors, offset, frame.steps);
    frame.left = frame.steps.count;
    transitions += frame.left;
    depth += 1;
    if (depth > depthMax) throw new Error('the schedules of this space are too long');
    maxDepth = Math.max(maxDepth, depth - 1);
  };
  const report = (violations: readonly Violation[], isComplete: boolean): ExploreReport => {
    return { states: visited.size, transitions, maxDepth, violations, isComplete };
  };
  descend(start, 0);
  while (depth > 0) {
    const frame = frames[depth - 1]!;
    if (frame.left === 0) {
      depth -= 1;
      continue;
    }
    frame.left -= 1;
    const { steps, left } = frame;
    const message = steps.problems[left];
    if (message !== undefined) {
      return report(
        [{ message, schedule: scheduleOf(region, start, frames.slice(0, depth)) }],
        false,
      );
    }
    const offset = left * place.width;
    if (!visited.add(steps.vectors, offset, place.width)) continue;
    if (visited.size >= options.statesMax) return report([], false);
    descend(steps.vectors, offset);
  }
  return report([], true);
}

/** The steps taken, one in each frame, in words; zones keep the names they had at the start. */
function scheduleOf(
  region: Region,
  start: Int32Array,
  frames: readonly Frame[],
): readonly string[] {
  let before = start;
  let isMirrored = false;
  return frames.map(({ steps, left }) => {
    const after = steps.vectors.slice(left * place.width, (left + 1) * place.width);
    const line = narrate(region, steps.labels[left]!, before, isMirrored);
    isMirrored = isMirrored !== steps.mirrored[left]!;
    before = after;
    return line;
  });
}
