// The page says plainly whether anything was found.
import { describe, expect, it } from 'vitest';
import { grouped, renderPage, type Section } from './page.ts';

const holds: Section = { name: 'Seeds', figures: ['2,000 seeds'], violations: [], seconds: 12 };
const page = {
  commit: 'abc',
  form: 'quick',
  loadAverage: '0.5',
  cores: 2,
  startedAt: 'now',
  sections: [holds],
} as const;

describe('the page', () => {
  it('ends with the number of violations, zero when all holds', () => {
    expect(renderPage(page).split('\n').at(-1)).toBe('violations: 0');
  });

  it('counts violations of all sections, and shows only the first few of one', () => {
    const broken = { ...holds, violations: Array.from({ length: 9 }, (_, at) => `wrong ${at}`) };
    const text = renderPage({ ...page, sections: [holds, broken] });
    expect(text.split('\n').at(-1)).toBe('violations: 9');
    expect(text).toContain('BROKEN (9)');
    expect(text).not.toContain('wrong 5');
  });

  it('breaks figures into lines that fit a page', () => {
    const figures = Array.from({ length: 40 }, (_, at) => `figure ${at}`);
    const lines = renderPage({ ...page, sections: [{ ...holds, figures }] }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(104);
  });

  it('groups digits', () => expect(grouped(1_234_567)).toBe('1,234,567'));
});
