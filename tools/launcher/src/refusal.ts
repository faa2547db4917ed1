// An expected reason not to go on: one sentence for the person at the terminal, and a non-zero exit. Bugs stay assertions.

/** Caught by main.ts, which prints the sentence without a stack trace. */
export class LauncherRefusal extends Error {
  override readonly name = 'LauncherRefusal';
}

/** Ends what the launcher or the CLI is doing with one sentence. */
export function refuse(sentence: string): never {
  throw new LauncherRefusal(sentence);
}
