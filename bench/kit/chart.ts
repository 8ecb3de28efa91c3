import type { Chart } from './bench.ts';
import { formatTick, type Scale, scaleOf, scaleOfMeasured } from './chart-axis.ts';
import { MOST_SERIES, markOf, styleOf } from './chart-style.ts';
import { formatNumber } from './rows.ts';

const WIDTH = 760;
const HEIGHT = 450;
const LEGEND_TOP = 62;
const LEGEND_ROW = 22;
/** Of the line above the frame that says what is measured. */
const UNIT_ROW = 24;
const MARGIN = { left: 76, right: 28, bottom: 58 };
const CHARACTER_WIDTH = 7.2;
/** More points than this are a line, not measurements to be told apart. */
const MOST_MARKS = 20;

/**
 * Draws a chart as SVG: the same text for the same chart, readable on light and on dark, with what
 * it shows in words for those who cannot see it.
 *
 * @throws Error when there is nothing to draw, or more lines than can be told apart
 */
export function drawChart(chart: Chart): string {
  const { name, title, series } = chart;
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) throw new Error(`the chart ${name} has no points`);
  if (series.length > MOST_SERIES) throw new Error(`the chart ${name} has too many lines`);
  // Of a single line the title says what it is.
  const legend = drawLegend(series.length === 1 ? [] : series.map((each) => each.name));
  const top = LEGEND_TOP + legend.rows * LEGEND_ROW + UNIT_ROW;
  const x = scaleOfMeasured(
    chart.x,
    points.map((point) => point.x),
  );
  const y = scaleOf(
    chart.y,
    points.map((point) => point.y),
  );
  const frame: Frame = { x, y, top };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escapeXml(title)}</title>`,
    `<desc id="${name}-desc">${escapeXml(describe(chart))}</desc>`,
    `<style>\n${styleOf()}\n</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    `<text class="title" x="20" y="32">${escapeXml(title)}</text>`,
    ...legend.lines,
    ...drawGrid(frame),
    ...drawTitles(chart, top),
    ...series.map((each, index) => drawSeries(each.points, index, frame)),
    '</svg>',
    '',
  ].join('\n');
}

interface Frame {
  x: Scale;
  y: Scale;
  /** Where the lines may begin; the rest of the frame is the same in all charts. */
  top: number;
}

/** Two decimals of a pixel, and no `-0`. */
function round(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

function xOf({ x }: Frame, value: number): string {
  return round(MARGIN.left + x.place(value) * (WIDTH - MARGIN.left - MARGIN.right));
}

function yOf({ y, top }: Frame, value: number): string {
  const bottom = HEIGHT - MARGIN.bottom;
  return round(bottom - y.place(value) * (bottom - top));
}

function drawGrid(frame: Frame): string[] {
  const bottom = HEIGHT - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  const across = frame.y.ticks.map((tick, index) => {
    const at = yOf(frame, tick);
    const line = `<line class="${index === 0 ? 'base' : 'grid'}" x1="${MARGIN.left}" x2="${right}" y1="${at}" y2="${at}"/>`;
    return `${line}<text x="${MARGIN.left - 10}" y="${at}" dy="4.5" text-anchor="end">${formatTick(tick)}</text>`;
  });
  const along = frame.x.ticks.map((tick) => {
    const at = xOf(frame, tick);
    const line = `<line class="base" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>`;
    return `${line}<text x="${at}" y="${bottom + 21}" text-anchor="middle">${formatTick(tick)}</text>`;
  });
  return [...across, ...along];
}

function drawTitles({ x, y }: Chart, top: number): string[] {
  const middle = (MARGIN.left + WIDTH - MARGIN.right) / 2;
  const unit = y.scale === 'log' ? `${y.title} (logarithmic)` : y.title;
  return [
    `<text x="${middle}" y="${HEIGHT - 14}" text-anchor="middle">${escapeXml(x.title)}</text>`,
    `<text x="20" y="${top - 16}">${escapeXml(unit)}</text>`,
  ];
}

function drawSeries(points: Chart['series'][number]['points'], index: number, frame: Frame) {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const places = sorted.map((point) => [xOf(frame, point.x), yOf(frame, point.y)] as const);
  const path = places.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${x},${y}`).join('');
  const marks =
    places.length > MOST_MARKS
      ? []
      : places.map(
          ([x, y]) => `<path class="mark" transform="translate(${x},${y})" d="${markOf(index)}"/>`,
        );
  return `<g class="s${index}"><path class="line" d="${path}"/>${marks.join('')}</g>`;
}

/** Beside each other as far as there is room: widths are guessed, no font is at hand. */
function drawLegend(names: readonly string[]): { lines: string[]; rows: number } {
  const lines: string[] = [];
  let [x, row] = [20, 0];
  for (const [index, name] of names.entries()) {
    const width = 40 + name.length * CHARACTER_WIDTH;
    if (x > 20 && x + width > WIDTH - MARGIN.right) [x, row] = [20, row + 1];
    const y = LEGEND_TOP - 4 + row * LEGEND_ROW;
    lines.push(
      `<g class="s${index}"><path class="line" d="M${round(x)},${y}h22"/><path class="mark" transform="translate(${round(x + 11)},${y})" d="${markOf(index)}"/><text class="key" x="${round(x + 30)}" y="${y}" dy="4.5">${escapeXml(name)}</text></g>`,
    );
    x += width + 14;
  }
  return { lines, rows: names.length === 0 ? 0 : row + 1 };
}

/** The ends of each line; where it bends is in the table beside the chart. */
function describe({ x, y, series }: Chart): string {
  const lines = series.map(({ name, points }) => {
    const sorted = points.toSorted((a, b) => a.x - b.x);
    const ends = [sorted[0], sorted.at(-1)].map((point) =>
      point === undefined ? 'nothing' : `${formatNumber(point.y)} at ${formatTick(point.x)}`,
    );
    return `${name}: from ${ends.join(' to ')}`;
  });
  return `${y.title} by ${x.title}. ${lines.join('; ')}.`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
