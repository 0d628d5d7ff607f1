// Plots as text that any reader of SVG takes.
import { describe, expect, it } from 'vitest';
import { drawBars, drawLines, type LineChart } from '../../bench/lib/charts.ts';
import { drawPlots } from '../../bench/lib/plots.ts';
import { findTicks, writeFigure } from '../../bench/lib/svg.ts';
import { makeFinding, makeResults, RESULTS } from './fixtures.ts';

const BOX = { x: 0, y: 0, width: 400, height: 200 };

/** Every value of an attribute, as numbers. */
function readAll(svg: string, name: string, of: string): number[] {
  const elements = svg.match(new RegExp(`<${of} [^>]*>`, 'g')) ?? [];
  return elements.map((element) => Number(new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1]));
}

/** Fails when an element is not closed, or closed as another one. */
function expectClosed(svg: string): void {
  const open: string[] = [];
  for (const [, slash, name = ''] of svg.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (slash === '') open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
}

describe('ticks', () => {
  it.each([
    [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [14.3, [0, 2.5, 5, 7.5, 10, 12.5, 15]],
    [1200, [0, 200, 400, 600, 800, 1000, 1200]],
    [0, [0, 1]],
  ])('up to %d are round and few', (most, ticks) => {
    expect(findTicks(most)).toEqual(ticks);
  });

  it('reach the greatest value, whatever it is', () => {
    for (let most = 0.0013; most < 1e7; most *= 1.37) {
      const ticks = findTicks(most);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * 0.999999);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(8);
    }
  });
});

describe('bars', () => {
  it('are as long as their figures, part after part', () => {
    const bars = [
      { name: 'one', parts: [10, 30] },
      { name: 'two', parts: [20] },
    ];
    const svg = drawBars(BOX, { title: 'Bars', bars, unit: ' ms' });
    const [ten = 0, thirty = 0, twenty = 0] = readAll(svg, 'width', 'rect');
    expect(thirty / ten).toBeCloseTo(3, 1);
    expect(twenty / ten).toBeCloseTo(2, 1);
    const [first = 0, second = 0] = readAll(svg, 'x', 'rect');
    expect(second).toBeCloseTo(first + ten, 0);
    expect(svg).toContain('40 ms = 10 + 30');
    expect(svg).toContain('20 ms');
  });
});

describe('bars that are too long', () => {
  it('are cut off, and say so', () => {
    const bars = [10, 40, 80].map((value) => ({ name: `${value}`, parts: [value] }));
    const svg = drawBars(BOX, { title: null, bars, unit: '/s', most: 40 });
    const [ten = 0, forty = 0, eighty = 0] = readAll(svg, 'width', 'rect');
    expect([forty / ten, eighty / ten]).toEqual([expect.closeTo(4, 1), expect.closeTo(4, 1)]);
    expect(svg).toContain('>80/s (cut off)</text>');
    expect(svg).toContain('>40/s</text>');
  });
});

describe('lines', () => {
  const chart: LineChart = {
    title: 'Lines',
    xTitle: 'connections',
    xScale: 'even',
    lines: [
      {
        points: [
          [1, 10],
          [4, 20],
          [16, 40],
        ],
        colour: 0,
      },
    ],
  };

  it('rise with their figures', () => {
    const heights = readAll(drawLines(BOX, chart), 'cy', 'circle');
    const [ten = 0, twenty = 0, forty = 0] = heights;
    expect((ten - forty) / (ten - twenty)).toBeCloseTo(3, 1);
  });

  it('go in even steps, or as far as their numbers', () => {
    const steps = (xScale: LineChart['xScale']) => {
      const [one = 0, four = 0, sixteen = 0] = readAll(
        drawLines(BOX, { ...chart, xScale }),
        'cx',
        'circle',
      );
      return (sixteen - four) / (four - one);
    };
    expect(steps('even')).toBeCloseTo(1, 1);
    expect(steps('by-value')).toBeCloseTo(4, 1);
  });
});

describe('a figure', () => {
  it('says what it shows, and cannot be broken by a name', () => {
    const figure = { title: 'A < B & "C"', width: 400, height: 200, legend: ['one', '<two>'] };
    const svg = writeFigure(figure, drawBars(BOX, { title: null, bars: [], unit: '' }));
    expectClosed(svg);
    expect(svg).toContain('<title>A &lt; B &amp; &quot;C&quot;</title>');
    expect(svg).toContain('&lt;two&gt;');
    expect(svg).toContain('role="img"');
  });

  it('stands on white, so that a dark page shows it as it is', () => {
    expect(drawPlots(RESULTS)[0]?.svg).toMatch(/<rect width="\d+" height="\d+" fill="#ffffff">/);
  });
});

describe('the plots', () => {
  it('are of the series that are there', () => {
    expect(drawPlots(RESULTS).map(({ file }) => file)).toEqual(['latency.svg']);
    expect(drawPlots(makeResults())).toEqual([]);
  });

  it('show what they are of', () => {
    const [latency] = drawPlots(RESULTS);
    expectClosed(latency?.svg ?? '');
    expect(latency).toMatchObject({ benchmark: 'overhead' });
    expect(latency?.svg).toContain('>sign-in</text>');
    expect(latency?.svg).toContain('70.5 ms = 68.4 + 1.51 + 0.60');
  });

  it('take their lines from the fields of the points', () => {
    const rows = [1000, 100_000, 1_000_000].map((count) => ({ rows: count, lookup: 1, change: 2 }));
    const [plot] = drawPlots(makeResults({ rows: makeFinding({ series: { rows } }) }));
    expectClosed(plot?.svg ?? '');
    expect(plot?.svg.match(/<polyline/g)).toHaveLength(2);
    for (const told of ['lookup', 'change', '1,000', '100,000', '1,000,000']) {
      expect(plot?.svg).toContain(`>${told}</text>`);
    }
  });

  it('show where the knee of the model is, and its names as they are', () => {
    const load = [100, 200, 400].map((changesPerSecond) => ({
      changesPerSecond,
      p50: 1,
      p99: 5,
      mean: 2,
      closedForm: 2,
      knee: 300,
    }));
    const regions = [{ name: 'São Paulo', hash: 136, network: 239, database: 1, rest: 2 }];
    const plots = drawPlots(makeResults({ model: makeFinding({ series: { load, regions } }) }));
    const [ofRegions = '', ofLoad = ''] = plots.map(({ svg }) => svg);
    expectClosed(ofLoad);
    expect(ofRegions).toContain('>São Paulo</text>');
    expect(ofLoad.match(/>the knee</g)).toHaveLength(1);
    const [, two = 0, four = 0] = readAll(ofLoad, 'cx', 'circle');
    const knee = Number(/x="([\d.]+)"[^>]*>the knee/.exec(ofLoad)?.[1]);
    expect(knee).toBeGreaterThan(two);
    expect(knee).toBeLessThan(four);
  });

  it('leave out of the peers what has no such figure', () => {
    const peers = [
      { name: 'Rekey', hash: 'PBKDF2', bareSignInP50: 1.6, signInsPerCore: 14 },
      { name: 'slapd', hash: 'PBKDF2: few rounds', signInsPerCore: 658 },
    ];
    const [plot] = drawPlots(makeResults({ peers: makeFinding({ series: { peers } }) }));
    expectClosed(plot?.svg ?? '');
    expect(plot?.svg.match(/>Rekey</g)).toHaveLength(2);
    expect(plot?.svg.match(/>slapd</g)).toHaveLength(1);
    expect(plot?.svg).toContain('658/s (cut off)');
  });

  it('are not drawn of points that lack a figure', () => {
    const series = { stack: [{ name: 'signIn', hash: 1, d1: 1 }] };
    const results = makeResults({ overhead: makeFinding({ series }) });
    expect(() => drawPlots(results)).toThrow('without the number rest');
  });
});
