// A scope's list as an array, for tests that compare it. Not for lists of any length: nothing is done in slices here.
import type { ListView } from '@zonehold/caspaxos';

/** One name of a list; `summary` undefined where the voters differ. */
export interface ListedName {
  readonly name: string;
  readonly summary: string | undefined;
}

/** Every name of `view`, in order. */
export function wholeList(view: ListView): readonly ListedName[] {
  const listed: ListedName[] = [];
  for (let part = view.next(''); part !== undefined; part = view.next(part.lastName)) {
    part.visit((name, line) => listed.push({ name, summary: line?.summary }));
  }
  return listed;
}
