// Assertions for bugs. They stay on in production: a process whose invariant is broken must stop, not guess.

/** Thrown when an invariant of our own code is broken. Never caught, except at a server's edge that then exits. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Narrows `condition` to true, or throws: a false condition is a bug in this code, never bad input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}
