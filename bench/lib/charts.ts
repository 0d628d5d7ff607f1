// Two kinds of charts: bars that lie, in parts or whole, and lines. Each draws into a box of a figure.
import { tellNumber } from './figures.ts';
import {
  type Box,
  colourOf,
  element,
  FONT_SIZE,
  findTicks,
  INK,
  line,
  measureText,
  text,
} from './svg.ts';

export interface Bar {
  readonly name: string;
  /** Below the name, smaller. */
  readonly detail?: string;
  /** From left to right, in the order of the legend. */
  readonly parts: readonly number[];
}

export interface Line {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Which colour of the legend. */
  readonly colour: number;
  readonly isDashed?: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly xTitle: string;
  /** `by-value`: the places lie as far apart as their numbers do; `even`: one step from each to the next. */
  readonly xScale: 'by-value' | 'even';
  readonly lines: readonly Line[];
  /** Upright lines with a word. */
  readonly marks?: readonly { readonly x: number; readonly name: string }[];
}

const BAR_PITCH = 34;
const BAR_HEIGHT = 20;
const TITLE_HEIGHT = 22;
const DETAIL_SHARE = 0.8;
const DETAIL = { 'text-anchor': 'end', 'font-size': FONT_SIZE * DETAIL_SHARE };
const AXIS_HEIGHT = 42;

export interface BarChart {
  /** null: the figure's says it. */
  readonly title: string | null;
  readonly bars: readonly Bar[];
  readonly unit: string;
  /** Which colour of the legend the first part has. */
  readonly colour?: number;
  /** Longer bars are cut off there: their figures say the rest. */
  readonly most?: number;
}

export function measureBars({ title, bars }: BarChart): number {
  return (title === null ? 0 : TITLE_HEIGHT) + bars.length * BAR_PITCH;
}

export function drawBars({ x, y, width }: Box, chart: BarChart): string {
  const { title, bars, unit, colour = 0 } = chart;
  const titleHeight = title === null ? 0 : TITLE_HEIGHT;
  const { most: cut = Number.POSITIVE_INFINITY } = chart;
  const labels = bars.map(
    (bar) => `${tellBar(bar, unit)}${sum(bar.parts) > cut ? ' (cut off)' : ''}`,
  );
  const details = widest(bars.map(({ detail = '' }) => detail)) * DETAIL_SHARE;
  const left = x + Math.max(widest(bars.map(({ name }) => name)), details) + 10;
  const room = x + width - left - widest(labels) - 10;
  const longest = Math.max(...bars.map(({ parts }) => sum(parts)), Number.MIN_VALUE);
  const most = Math.min(longest, cut);
  const drawn = bars.map(({ name, detail = '', parts }, index) => {
    const top = y + titleHeight + index * BAR_PITCH;
    const middle = top + BAR_HEIGHT / 2 + 4.5;
    let at = left;
    const rects = parts.map((part, place) => {
      const size = Math.min((part / most) * room, left + room - at);
      const rect = { x: at, y: top, width: size, height: BAR_HEIGHT };
      at += size;
      return element('rect', { ...rect, fill: colourOf(colour + place) });
    });
    return [
      text([left - 8, detail === '' ? middle : middle - 7], name, { 'text-anchor': 'end' }),
      ...(detail === '' ? [] : [text([left - 8, middle + 7], detail, DETAIL)]),
      ...rects,
      text([at + 6, middle], labels[index] ?? ''),
    ].join('');
  });
  const head = title === null ? [] : [text([x, y + 8], title, { 'font-weight': 600 })];
  return [...head, ...drawn].join('\n');
}

/** `71.2 ms = 68.4 + 1.51 + 1.29` */
function tellBar({ parts }: Bar, unit: string): string {
  const whole = `${tellNumber(sum(parts))}${unit}`;
  return parts.length === 1 ? whole : `${whole} = ${parts.map(tellNumber).join(' + ')}`;
}

export function drawLines(box: Box, chart: LineChart): string {
  const { title, xTitle, lines, marks = [] } = chart;
  const places = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))];
  places.sort((a, b) => a - b);
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const yTicks = findTicks(Math.max(...values));
  const left = box.x + widest(yTicks.map(tellTick)) + 10;
  const [top, bottom] = [box.y + TITLE_HEIGHT, box.y + box.height - AXIS_HEIGHT];
  // The last place has its number below its middle.
  const right = box.x + box.width - Math.max(12, measureText(tellTick(places.at(-1) ?? 0)) / 2);
  const yMost = yTicks.at(-1) ?? 1;
  const xTicks = chart.xScale === 'even' ? places : findTicks(places.at(-1) ?? 1);
  const placeX = (x: number) => {
    const share =
      chart.xScale === 'even'
        ? places.indexOf(x) / Math.max(1, places.length - 1)
        : x / (xTicks.at(-1) ?? 1);
    return left + share * (right - left);
  };
  const placeY = (y: number) => bottom - (y / yMost) * (bottom - top);
  return [
    text([box.x, box.y + 8], title, { 'font-weight': 600 }),
    ...yTicks.flatMap((tick) => [
      line([left, placeY(tick)], [right, placeY(tick)]),
      text([left - 6, placeY(tick) + 4.5], tellTick(tick), { 'text-anchor': 'end' }),
    ]),
    ...xTicks.map((tick) =>
      text([placeX(tick), bottom + 18], tellTick(tick), { 'text-anchor': 'middle' }),
    ),
    text([(left + right) / 2, bottom + 37], xTitle, { 'text-anchor': 'middle' }),
    ...marks.map(({ x, name }) => drawMark(placeX(x), [top, bottom], name)),
    ...lines.map((one) => drawLine(one, placeX, placeY)),
  ].join('\n');
}

function drawMark(x: number, [top, bottom]: readonly [number, number], name: string): string {
  return [
    line([x, top], [x, bottom], { stroke: INK, 'stroke-dasharray': '2 3' }),
    text([x - 6, top + 12], name, { 'text-anchor': 'end' }),
  ].join('');
}

function drawLine(
  { points, colour, isDashed = false }: Line,
  placeX: (x: number) => number,
  placeY: (y: number) => number,
): string {
  const stroke = colourOf(colour);
  const placed = points.map(([x, y]) => [placeX(x), placeY(y)] as const);
  const path = placed.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const dashes = isDashed ? { 'stroke-dasharray': '6 4' } : {};
  const drawn = element('polyline', {
    points: path,
    fill: 'none',
    stroke,
    'stroke-width': 2,
    ...dashes,
  });
  const dots = placed.map(([cx, cy]) => element('circle', { cx, cy, r: 3, fill: stroke }));
  return [drawn, ...(isDashed ? [] : dots)].join('');
}

function tellTick(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 6 });
}

function widest(names: readonly string[]): number {
  return Math.max(0, ...names.map(measureText));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
