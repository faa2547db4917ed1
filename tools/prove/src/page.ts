// The page that `npm run prove` prints: what was done, in figures, and what was found. Pure.

/** One proof. */
export interface Section {
  readonly name: string;
  /** What was counted, in the order to be read. */
  readonly figures: readonly string[];
  /** What must not be; each a sentence. Empty: the proof holds. */
  readonly violations: readonly string[];
  readonly seconds: number;
}

/** What all sections together mean, and where and when they ran. */
export interface Page {
  readonly commit: string;
  readonly form: 'quick' | 'long';
  readonly loadAverage: string;
  readonly cores: number;
  readonly startedAt: string;
  readonly sections: readonly Section[];
}

const violationsShownMax = 5;
const width = 100;

/** The page as text, at most some sixty lines. The last line counts the violations. */
export function renderPage(page: Page): string {
  const { commit, form, loadAverage, cores, startedAt, sections } = page;
  const total = sections.reduce((sum, { violations }) => sum + violations.length, 0);
  const seconds = sections.reduce((sum, section) => sum + section.seconds, 0);
  return [
    `Zonehold, proven (${form} form) at ${commit}, ${startedAt}`,
    `${cores} cores, load average before: ${loadAverage}; ${minutes(seconds)} in all`,
    '',
    ...sections.flatMap(renderSection),
    '',
    `violations: ${total}`,
  ].join('\n');
}

function renderSection({ name, figures, violations, seconds }: Section): string[] {
  const verdict = violations.length === 0 ? 'holds' : `BROKEN (${violations.length})`;
  const shown = violations.slice(0, violationsShownMax).map((sentence) => `    ! ${sentence}`);
  return [`${name}: ${verdict}, ${minutes(seconds)}`, ...wrap(figures), ...shown];
}

/** Figures joined by dots, broken into lines. */
function wrap(figures: readonly string[]): string[] {
  const lines: string[] = [];
  for (const figure of figures) {
    const last = lines.at(-1);
    if (last === undefined || last.length + figure.length + 3 > width) lines.push(`    ${figure}`);
    else lines[lines.length - 1] = `${last} · ${figure}`;
  }
  return lines;
}

function minutes(seconds: number): string {
  return seconds < 100 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** 1234567 → 1,234,567. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
