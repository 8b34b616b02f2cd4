/**
 * Growth as lines between two logarithmic axes: equal slopes are equal growth.
 */
import type { LineChart } from '../result.ts';
import { escapeXml } from './escape-xml.ts';
import { formatNumber } from './format.ts';

const TOP = 56;
const PLOT_HEIGHT = 300;
const LEFT = 84;
const RIGHT = 200;
const BOTTOM = 52;

/** Lines differ by dash and colour, so that neither is needed alone; the first is ours. */
const STROKES = [
  ['#0969da', ''],
  ['#bc4c00', '6 3'],
  ['#1a7f37', '2 3'],
  ['#8250df', '8 3 2 3'],
  ['#bf3989', '1 3'],
  ['#6e7781', '10 4'],
] as const;

/** Names of lines keep this distance. */
const LABEL_STEP = 16;

interface Axis {
  place(value: number): number;
  ticks: number[];
}

/** The plot below the title. */
export function linesBody(chart: LineChart, width: number): { height: number; body: string } {
  const points = chart.lines.flatMap((line) => line.points);
  const x = logAxis(
    points.map((point) => point.x),
    LEFT,
    width - RIGHT,
  );
  const y = logAxis(
    points.flatMap((point) => [point.y.min, point.y.max]),
    TOP + PLOT_HEIGHT,
    TOP,
  );
  const bottom = TOP + PLOT_HEIGHT;
  const grid = [
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${x.place(tick)}" x2="${x.place(tick)}" y1="${TOP}" y2="${bottom}"/>` +
        `<text class="tick" x="${x.place(tick)}" y="${bottom + 18}" text-anchor="middle">${formatNumber(tick)}</text>\n`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${LEFT}" x2="${width - RIGHT}" y1="${y.place(tick)}" y2="${y.place(tick)}"/>` +
        `<text class="tick" x="${LEFT - 8}" y="${y.place(tick) + 4}" text-anchor="end">${formatNumber(tick)}</text>\n`,
    ),
  ];
  const names = spread(
    chart.lines.map(({ points: all }) => y.place(all.at(-1)?.y.median ?? Number.NaN)),
  );
  const lines = chart.lines.map((line, index) => {
    const [colour, dash] = STROKES[index % STROKES.length] ?? STROKES[0];
    const path = line.points.map((point) => `${x.place(point.x)},${y.place(point.y.median)}`);
    const whiskers = line.points.map((point) => {
      const at = x.place(point.x);
      return `<line stroke="${colour}" x1="${at}" x2="${at}" y1="${y.place(point.y.min)}" y2="${y.place(point.y.max)}"/>`;
    });
    const dots = line.points.map(
      (point) =>
        `<circle fill="${colour}" r="3" cx="${x.place(point.x)}" cy="${y.place(point.y.median)}"/>`,
    );
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" points="${path.join(' ')}"/>` +
      `${whiskers.join('')}${dots.join('')}` +
      `<text x="${width - RIGHT + 10}" y="${(names[index] ?? 0) + 4}"><tspan fill="${colour}">● </tspan>${escapeXml(line.label)}</text>\n`
    );
  });
  const titles =
    `<text class="tick" x="${LEFT}" y="${TOP - 10}" text-anchor="end">${escapeXml(chart.yTitle)}</text>\n` +
    `<text class="tick" x="${width - RIGHT}" y="${bottom + 38}" text-anchor="end">${escapeXml(chart.xTitle)}</text>\n`;
  return { height: bottom + BOTTOM, body: [...grid, titles, ...lines].join('') };
}

/** From the power of ten below the least value to the one above the greatest. */
function logAxis(values: readonly number[], from: number, to: number): Axis {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  return {
    place: (value) => {
      const share = (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low);
      return Math.round((from + (to - from) * share) * 10) / 10;
    },
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  };
}

/** Places moved down until none covers another. */
function spread(places: readonly number[]): number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  let free = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    const place = Math.max(places[index] ?? 0, free);
    moved[index] = place;
    free = place + LABEL_STEP;
  }
  return moved;
}
