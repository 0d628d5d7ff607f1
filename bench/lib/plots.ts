// Which series becomes which plot.
import { type BarChart, drawBars, drawLines, type LineChart, measureBars } from './charts.ts';
import type { Picture } from './markdown.ts';
import { type Point, readNumber, readText } from './points.ts';
import type { Results } from './results.ts';
import { type Box, HEAD_HEIGHT, writeFigure } from './svg.ts';

export interface Plot extends Picture {
  readonly svg: string;
}

interface PlotKind extends Picture {
  readonly series: string;
  readonly draw: (title: string, points: readonly Point[]) => string;
}

const WIDTH = 760;
const MARGIN = 16;
const LINES_HEIGHT = 260;
/** Where there is no legend. */
const TITLE_ONLY_HEIGHT = HEAD_HEIGHT - 20;
/** Of the first bar: how far the others are drawn. */
const MOST_TIMES = 4;

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
  {
    benchmark: 'rows',
    series: 'rows',
    file: 'rows.svg',
    title: 'p50 of operations, without their hashes, by how many rows there are of each kind',
    draw: drawRows,
  },
  {
    benchmark: 'peers',
    series: 'peers',
    file: 'peers.svg',
    title: 'Beside other systems: their hashes differ in kind and strength',
    draw: drawPeers,
  },
  {
    benchmark: 'model',
    series: 'regions',
    file: 'model-regions.svg',
    title: 'A change from each region to a database in Virginia (model)',
    draw: (title, points) =>
      drawStack(title, points, {
        hash: 'PBKDF2',
        network: 'network to D1',
        database: 'D1',
        rest: 'the rest',
      }),
  },
  {
    benchmark: 'model',
    series: 'load',
    file: 'model-load.svg',
    title: 'What a change spends at its database, by how many come a second (model)',
    draw: drawLoad,
  },
  {
    benchmark: 'model',
    series: 'cost',
    file: 'model-cost.svg',
    title: 'What a million cost, beyond what the plan includes (model)',
    draw: (title, points) =>
      drawStack(
        title,
        points,
        { requests: 'requests', cpu: 'CPU', rowsRead: 'rows read', rowsWritten: 'rows written' },
        ' USD',
      ),
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
  unit = ' ms',
): string {
  const fields = Object.keys(parts);
  const bars = points.map((point) => ({
    name: tellName(readText(point, 'name')),
    parts: fields.map((field) => readNumber(point, field)),
  }));
  const chart = { title: null, bars, unit };
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

function drawRows(title: string, points: readonly Point[]): string {
  const names = Object.keys(points[0] ?? {}).filter((field) => field !== 'rows');
  const chart: LineChart = {
    title: 'p50, milliseconds',
    xTitle: 'rows of each kind',
    xScale: 'even',
    lines: names.map((name, colour) => ({
      points: points.map((point) => [readNumber(point, 'rows'), readNumber(point, name)]),
      colour,
    })),
  };
  return drawWide(title, names, chart);
}

function drawWide(title: string, legend: readonly string[], chart: LineChart): string {
  const box = { x: MARGIN, y: HEAD_HEIGHT, width: WIDTH - 2 * MARGIN, height: LINES_HEIGHT };
  const height = HEAD_HEIGHT + LINES_HEIGHT;
  return writeFigure({ title, width: WIDTH, height, legend }, drawLines(box, chart));
}

/** The closed form goes dashed beside the mean, which it is held against. */
function drawLoad(title: string, points: readonly Point[]): string {
  const names: readonly [string, string][] = [
    ['p50', 'p50'],
    ['p99', 'p99'],
    ['mean', 'mean'],
    ['closedForm', 'mean, in closed form'],
  ];
  const chart: LineChart = {
    title: 'milliseconds',
    xTitle: 'changes a second, of one database',
    xScale: 'by-value',
    lines: names.map(([field], colour) => ({
      points: points.map((point) => [
        readNumber(point, 'changesPerSecond'),
        readNumber(point, field),
      ]),
      colour,
      isDashed: field === 'closedForm',
    })),
    // The same in every point.
    marks: points.slice(0, 1).map((point) => ({ x: readNumber(point, 'knee'), name: 'the knee' })),
  };
  return drawWide(
    title,
    names.map(([, told]) => told),
    chart,
  );
}

/** What hashes for less, or not at all, would leave nothing to see of the others: its bars are cut off. */
function drawPeers(title: string, points: readonly Point[]): string {
  const bars = (field: string) =>
    points
      .filter((point) => point[field] !== undefined)
      .map((point) => ({
        name: readText(point, 'name'),
        detail: readText(point, 'hash').split(':', 1).join(),
        parts: [readNumber(point, field)],
      }));
  const perCore = bars('signInsPerCore');
  const charts: readonly BarChart[] = [
    {
      title: 'A sign-in with its hash taken out, p50, milliseconds (where it can be)',
      bars: bars('bareSignInP50'),
      unit: ' ms',
    },
    {
      title: 'Sign-ins a second and core, each with its own hash',
      bars: perCore,
      unit: '/s',
      colour: 1,
      most: MOST_TIMES * (perCore[0]?.parts[0] ?? Number.POSITIVE_INFINITY),
    },
  ];
  let y = TITLE_ONLY_HEIGHT;
  const drawn = charts.map((chart) => {
    const height = measureBars(chart);
    const svg = drawBars({ x: MARGIN, y, width: WIDTH - 2 * MARGIN, height }, chart);
    y += height + MARGIN;
    return svg;
  });
  return writeFigure({ title, width: WIDTH, height: y, legend: [] }, ...drawn);
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
  return name.replaceAll(/(?<=[a-z])[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}
