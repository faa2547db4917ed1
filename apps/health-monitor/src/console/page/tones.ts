// How well something stands, in a colour, a sign and a word: colour never says it alone. Pure.
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

/** Signs that differ in shape, and are in every font. */
export const signs: Readonly<Record<Tone, string>> = {
  good: '✓',
  warn: '!',
  bad: '✕',
  busy: '↻',
  idle: '?',
};

/** Worst first. */
const order: readonly Tone[] = ['bad', 'warn', 'busy', 'idle', 'good'];

export function worstOf(tones: readonly Tone[]): Tone {
  return order.find((tone) => tones.includes(tone)) ?? 'good';
}
