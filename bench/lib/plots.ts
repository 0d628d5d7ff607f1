// Which series becomes which plot.
import { drawBars, drawLines, type LineChart, measureBars } from './charts.ts';
import type { Picture } from './markdown.ts';
import type { Finding, Results } from './results.ts';
import { type Box, HEAD_HEIGHT, writeFigure } from './svg.ts';

export interface Plot extends Picture {
  readonly svg: string;
}

type Point = Finding['series'][string][number];

interface PlotKind extends Picture {
  readonly series: string;
  readonly draw: (title: string, points: readonly Point[]) => string;
}

const WIDTH = 760;
const MARGIN = 16;
const LINES_HEIGHT = 260;

const KINDS: readonly PlotKind[] = [
  {
    benchmark: 'overhead',
    series: 'stack',
    file: 'latency.svg',
    title: 'A sign-in and a change, by what their time is spent on (p50, one connection)',
    draw: (title, points) =>
      drawStack(title, points, { hash: 'PBKDF2', d1: 'trips to D1', rest: 'the rest' }),
  },
  {
    benchmark: 'saturation',
    series: 'connections',
    file: 'saturation.svg',
    title: 'Sign-ins and raw hashes by how many connections ask',
    draw: drawSaturation,
  },
];

/** Of the series that are there. */
export function drawPlots({ findings }: Pick<Results, 'findings'>): readonly Plot[] {
  return KINDS.flatMap(({ benchmark, series, file, title, draw }) => {
    const points = findings[benchmark]?.series[series] ?? [];
    return points.length === 0 ? [] : [{ benchmark, file, title, svg: draw(title, points) }];
  });
}

/** @param parts by field, what the legend says of it */
function drawStack(
  title: string,
  points: readonly Point[],
  parts: Readonly<Record<string, string>>,
): string {
  const fields = Object.keys(parts);
  const bars = points.map((point) => ({
    name: tellName(readText(point, 'name')),
    parts: fields.map((field) => readNumber(point, field)),
  }));
  const chart = { title: null, bars, unit: ' ms' };
  const height = HEAD_HEIGHT + measureBars(chart);
  const legend = fields.map((field) => parts[field] ?? field);
  const box = { x: MARGIN, y: HEAD_HEIGHT, width: WIDTH - 2 * MARGIN, height };
  return writeFigure({ title, width: WIDTH, height, legend }, drawBars(box, chart));
}

function drawSaturation(title: string, points: readonly Point[]): string {
  const pick = (field: string) =>
    points.map((point) => [readNumber(point, 'connections'), readNumber(point, field)] as const);
  const chart = (name: string, suffix: string): LineChart => ({
    title: name,
    xTitle: 'connections',
    xScale: 'even',
    lines: [
      { points: pick(`hash${suffix}`), colour: 0 },
      { points: pick(`signIn${suffix}`), colour: 1 },
    ],
  });
  return drawPair(
    title,
    ['raw hash', 'sign-in'],
    [
      (box) => drawLines(box, chart('Requests a second', 'PerSecond')),
      (box) => drawLines(box, chart('p50, milliseconds', 'P50')),
    ],
  );
}

/** Two charts side by side. */
function drawPair(
  title: string,
  legend: readonly string[],
  draws: readonly [(box: Box) => string, (box: Box) => string],
): string {
  const height = HEAD_HEIGHT + LINES_HEIGHT;
  const width = (WIDTH - 3 * MARGIN) / 2;
  const drawn = draws.map((draw, index) =>
    draw({ x: MARGIN + index * (width + MARGIN), y: HEAD_HEIGHT, width, height: LINES_HEIGHT }),
  );
  return writeFigure({ title, width: WIDTH, height, legend }, ...drawn);
}

/** `signIn` is read as `sign-in`. */
function tellName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

function readNumber(point: Point, field: string): number {
  const value = point[field];
  if (typeof value !== 'number') throw new TypeError(`a point without the number ${field}`);
  return value;
}

function readText(point: Point, field: string): string {
  const value = point[field];
  if (typeof value !== 'string') throw new TypeError(`a point without the text ${field}`);
  return value;
}
