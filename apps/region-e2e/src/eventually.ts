// Waiting without sleeping blindly: a condition, a deadline, and a sentence for when it never came true.

/** How often a condition is looked at. */
const pollMs = 100;

/**
 * Resolves when `condition` is true. A condition that throws is not yet true; what it threw last is the cause of the failure
 * after `timeoutMs`.
 */
export async function eventually(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean>,
): Promise<void> {
  const endsAtMs = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await condition()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= endsAtMs) {
      throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
