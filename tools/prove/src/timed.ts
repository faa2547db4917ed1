// Runs one proof and says how long it took; a proof that breaks off is a violation, not the end of the others.
import { systemClock } from '@zonehold/primitives';
import type { Section } from './page.ts';

/** A section of what `prove` found. */
export async function timed(
  name: string,
  prove: () => Promise<Pick<Section, 'figures' | 'violations'>>,
): Promise<Section> {
  const startedMs = systemClock.monotonicMs();
  process.stderr.write(`· ${name} …\n`);
  const found = await prove().catch((error: unknown) => ({
    figures: [],
    violations: [`broke off: ${error instanceof Error ? error.message : String(error)}`],
  }));
  return { name, ...found, seconds: (systemClock.monotonicMs() - startedMs) / 1_000 };
}
