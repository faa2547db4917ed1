// The directory of fault rules is there while a region runs with faults, and only then: whoever wants to add one sees by it whether
// anybody would follow.
import { mkdirSync, rmSync } from 'node:fs';

/** At every start: rules of an earlier life are gone, and so is the directory when this life is without faults. */
export function emptyFaults(dir: string, isWithFaults: boolean): void {
  rmSync(dir, { recursive: true, force: true });
  if (isWithFaults) mkdirSync(dir, { mode: 0o700 });
}
