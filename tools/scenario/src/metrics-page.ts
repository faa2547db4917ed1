// Reads a page of Prometheus text as our services write it: names, labels, numbers. Pure.

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of the metric called `name`; none when the page has it not. */
export function samplesOf(page: string, name: string): MetricSample[] {
  return page.split('\n').flatMap((line) => {
    if (!line.startsWith(name)) return [];
    const found = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (found?.[1] !== name) return [];
    return [{ labels: labelsOf(found[2] ?? ''), value: Number(found[3]) }];
  });
}

/** The sum of those samples of `name` whose labels fit. */
export function sumOf(
  page: string,
  name: string,
  wanted: Readonly<Record<string, string>> = {},
): number {
  return samplesOf(page, name)
    .filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** No label value of ours holds a quote: they are names (metric-table.ts). */
function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}
