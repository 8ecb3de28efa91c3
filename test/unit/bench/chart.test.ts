import { describe, expect, test } from '@jest/globals';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Chart } from '../../../bench/kit/bench.ts';
import { drawChart } from '../../../bench/kit/chart.ts';
import { formatTick, scaleOf, scaleOfMeasured } from '../../../bench/kit/chart-axis.ts';

const linear = { title: 'seconds', scale: 'linear' } as const;
const log = { title: 'images', scale: 'log' } as const;

const chart: Chart = {
  name: 'batch-size',
  title: 'Cost & size',
  x: log,
  y: { title: 'CPU µs', scale: 'linear' },
  series: [
    { name: 'REST <ours>', points: [1, 5, 50].map((x) => ({ x, y: 100 + x })) },
    { name: 'lean', points: [50, 5, 1].map((x) => ({ x, y: 60 + x })) },
  ],
};

describe('an axis', () => {
  test('that is linear begins at 0 and ends at a round number above all values', () => {
    expect(scaleOf(linear, [31, 97]).ticks).toEqual([0, 20, 40, 60, 80, 100]);
    expect(scaleOf(linear, [0.31]).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(scaleOf(linear, [100]).ticks.at(-1)).toBe(100);
    expect(scaleOf(linear, [31, 97]).place(50)).toBe(0.5);
  });

  test('that is logarithmic spans all values, by powers of ten where there are many', () => {
    expect(scaleOf(log, [30, 400]).ticks).toEqual([20, 50, 100, 200, 500]);
    expect(scaleOf(log, [3, 4_000_000]).ticks).toEqual([
      ...[1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
    ]);
    const { place } = scaleOf(log, [1, 100]);
    expect([place(1), place(10), place(100)].map((at) => at.toFixed(3))).toEqual([
      ...['0.000', '0.500', '1.000'],
    ]);
  });

  test.each([[0.2], [0.5], [1], [7], [10], [999], [1000]])('holds %p alone', (value) => {
    for (const axis of [linear, log]) {
      const { place, ticks } = scaleOf(axis, [value]);
      expect(ticks.length).toBeGreaterThan(1);
      expect(place(value)).toBeGreaterThanOrEqual(0);
      expect(place(value)).toBeLessThanOrEqual(1);
    }
  });

  test('names what was measured where that is little', () => {
    expect(scaleOfMeasured(log, [50, 1, 5, 5, 20, 10, 2]).ticks).toEqual([1, 2, 5, 10, 20, 50]);
    // Too close together to be read.
    expect(scaleOfMeasured(log, [1, 1.01, 1000]).ticks).toEqual([1, 1000]);
  });

  test('writes its numbers short', () => {
    expect([0, 0.5, 50, 999, 2000, 10_000, 5e6].map(formatTick)).toEqual([
      ...['0', '0.5', '50', '999', '2k', '10k', '5M'],
    ]);
  });
});

describe('a chart', () => {
  const svg = drawChart(chart);

  test('is well-formed, whatever is in its words', () => {
    expect(XMLValidator.validate(svg)).toBe(true);
    const document = new XMLParser({ ignoreAttributes: false }).parse(svg);
    expect(document.svg.title['#text']).toBe('Cost & size');
    expect(svg).toContain('REST &lt;ours&gt;');
  });

  test('is the same text each time', () => {
    expect(drawChart(structuredClone(chart))).toBe(svg);
  });

  test('says in words what it shows, under ids of its own', () => {
    const [, title] = /aria-labelledby="(\S+) \S+"/.exec(svg) ?? [];
    expect(title).toBe('batch-size-title');
    expect(svg).toContain('CPU µs by images. REST &lt;ours&gt;: from 101 at 1 to 150 at 50; lean:');
  });

  test('draws its lines from left to right, within the frame, with a mark at each point', () => {
    const lines = [...svg.matchAll(/<path class="line" d="(M[^h"]*L[^"]*)"/g)].map(
      ([, d]) => d ?? '',
    );
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const places = line
        .split(/[ML]/)
        .filter(Boolean)
        .map((pair) => pair.split(',').map(Number));
      const xs = places.map(([x]) => x ?? Number.NaN);
      expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      for (const [x = -1, y = -1] of places) {
        expect(x >= 0 && x <= 760 && y >= 0 && y <= 450).toBe(true);
      }
    }
    // Six measured and two in the legend.
    expect(svg.match(/class="mark"/g)).toHaveLength(8);
  });

  test('without points, or with more lines than can be told apart, is refused', () => {
    expect(() => drawChart({ ...chart, series: [] })).toThrow('batch-size has no points');
    const [series] = chart.series;
    if (!series) throw new Error('no series');
    expect(() => drawChart({ ...chart, series: Array(7).fill(series) })).toThrow(/too many lines/);
  });
});
