// The little of SVG that the plots need: elements, text, axes, a legend. On white, so that dark pages show it as it is.

const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9'] as const;
export const INK = '#1f2328';
const FAINT = '#d1d9e0';
export const FONT_SIZE = 13;

/** Of a letter, on average: there is nobody to ask how wide a text will be. */
const LETTER_WIDTH = 0.6 * FONT_SIZE;
const SWATCH = 10;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Figure {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Where the legend stands; its names have the colours in turn. */
  readonly legend: readonly string[];
}

type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const told = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeText(typeof value === 'number' ? round(value) : value)}"`,
  );
  return `<${name}${told.join('')}>${children.join('')}</${name}>`;
}

/** At its baseline. */
export function text(
  [x, y]: readonly [number, number],
  content: string,
  attributes: Attributes = {},
): string {
  return element('text', { x, y, ...attributes }, escapeText(content));
}

export function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  attributes: Attributes = {},
): string {
  return element('line', { x1, y1, x2, y2, stroke: FAINT, ...attributes });
}

export function measureText(content: string): number {
  return content.length * LETTER_WIDTH;
}

export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? INK;
}

/** Title and legend take the first lines: what is drawn begins at HEAD_HEIGHT. */
export const HEAD_HEIGHT = 64;

export function writeFigure(figure: Figure, ...children: string[]): string {
  const { title, width, height, legend } = figure;
  const head = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'font-family': 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif',
    'font-size': FONT_SIZE,
    fill: INK,
  };
  const parts = [
    element('title', {}, escapeText(title)),
    element('rect', { width, height, fill: '#ffffff' }),
    text([16, 24], title, { 'font-size': FONT_SIZE + 2, 'font-weight': 600 }),
    ...drawLegend(legend),
    ...children,
  ];
  return `${element('svg', head, `\n${parts.join('\n')}\n`)}\n`;
}

function drawLegend(names: readonly string[]): string[] {
  let x = 16;
  return names.flatMap((name, index) => {
    const from = x;
    x += SWATCH + 6 + measureText(name) + 18;
    return [
      element('rect', { x: from, y: 37, width: SWATCH, height: SWATCH, fill: colourOf(index) }),
      text([from + SWATCH + 6, 46.5], name),
    ];
  });
}

/** Four to eight round steps from nothing to at least `most`. */
export function findTicks(most: number): number[] {
  if (!(most > 0)) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((one) => most / one <= 6);
  const size = step ?? power * 10;
  const count = Math.ceil(most / size - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * size).toPrecision(12)));
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escapeText(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
