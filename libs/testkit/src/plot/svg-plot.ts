// Lines over the same seconds, panel below panel, as plain SVG. Pure; the same plot gives the same bytes.
//
// An own writer: what is drawn are lines and frames, some hundred lines of code, while charting libraries bring a DOM or a canvas with them
// and promise nothing about bytes.

export interface Line {
  readonly label: string;
  /** One for each second. */
  readonly values: readonly number[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** The top of the scale; the bottom is 0. */
  readonly top: number;
  readonly format: (value: number) => string;
}

export interface Plot {
  readonly heading: string;
  readonly caption: string;
  readonly seconds: number;
  /** What is drawn grey. */
  readonly trouble: readonly [startsS: number, endsS: number];
  readonly panels: readonly Panel[];
}

const width = 760;
const panelHeight = 120;
const gap = 46;
const left = 64;
const right = 110;
const top = 70;
/** Told apart without red and green (Okabe and Ito). */
const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00'];

/** The picture. */
export function svgOf(plot: Plot): string {
  const { heading, caption, panels } = plot;
  const height = top + panels.length * (panelHeight + gap);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(left, 22, heading, 'font-size="14" font-weight="bold"'),
    text(left, 38, caption),
    ...panels.flatMap((panel, at) => drawn(panel, top + at * (panelHeight + gap), plot)),
    '</svg>',
    '',
  ].join('\n');
}

function drawn(
  { title, lines, top: scaleTop, format }: Panel,
  y: number,
  { seconds, trouble }: Plot,
): string[] {
  const plotWidth = width - left - right;
  const xOf = (second: number): number => left + (plotWidth * second) / seconds;
  const yOf = (value: number): number =>
    y + panelHeight - (panelHeight * Math.min(value, scaleTop)) / scaleTop;
  const [from, to] = trouble;
  return [
    `<rect x="${short(xOf(from))}" y="${y}" width="${short(xOf(to) - xOf(from))}" height="${panelHeight}" fill="#eeeeee"/>`,
    `<rect x="${left}" y="${y}" width="${plotWidth}" height="${panelHeight}" fill="none" stroke="#999999"/>`,
    text(left, y - 6, title, 'font-weight="bold"'),
    ...[0, 0.5, 1].map((part) =>
      text(left - 6, yOf(part * scaleTop) + 4, format(part * scaleTop), 'text-anchor="end"'),
    ),
    ...Array.from({ length: Math.floor(seconds / 10) + 1 }, (_, ten) =>
      text(xOf(ten * 10), y + panelHeight + 14, `${ten * 10} s`, 'text-anchor="middle"'),
    ),
    ...lines.flatMap(({ label, values }, at) => {
      const color = colors[at % colors.length] ?? '#000000';
      const points = values.map(
        (value, second) => `${short(xOf(second + 0.5))},${short(yOf(value))}`,
      );
      return [
        `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
        text(width - right + 10, y + 14 + at * 15, label, `fill="${color}"`),
      ];
    }),
  ];
}

/** A round number not below the highest value. */
export function topOf(lines: readonly Line[]): number {
  const highest = Math.max(1, ...lines.flatMap(({ values }) => values));
  const unit = 10 ** Math.floor(Math.log10(highest));
  return Math.ceil(highest / unit) * unit;
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${short(x)}" y="${short(y)}"${more === '' ? '' : ` ${more}`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function short(number: number): string {
  return String(Math.round(number * 10) / 10);
}

/** For `format`. */
export function whole(number: number): string {
  return String(Math.round(number));
}
