/**
 * Charts as SVG, readable on light and dark: text and lines take the colour scheme of whoever looks.
 */
import type { BarChart, Chart } from '../result.ts';
import { escapeXml } from './escape-xml.ts';
import { formatFigure, formatNumber } from './format.ts';
import { linesBody } from './svg-lines.ts';

const WIDTH = 760;

const ROW_HEIGHT = 30;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 170;
const TITLE_HEIGHT = 44;
const BAR_HEIGHT = 16;

/** Ours stands out; the palette keeps its contrast on white and on near-black. */
const STYLE = `
  svg { font: 13px system-ui, sans-serif; color-scheme: light dark; }
  text { fill: #24292f; } .title { font-weight: 600; font-size: 15px; } .value, .tick { fill: #57606a; }
  .ours { fill: #0969da; } .peer { fill: #8c959f; } .spread { stroke: #24292f; } .grid { stroke: #d0d7de; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .value, .tick { fill: #9198a1; } .ours { fill: #4493f8; } .peer { fill: #656c76; }
    .spread { stroke: #e6edf3; } .grid { stroke: #3d444d; }
  }`;

/** A whole SVG file. */
export function toSvg(chart: Chart): string {
  const { height, body } = chart.kind === 'bars' ? barsBody(chart) : linesBody(chart, WIDTH);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" ` +
    `height="${height}" role="img" aria-label="${escapeXml(chart.title)}">\n` +
    `<style>${STYLE}\n</style>\n` +
    `<text class="title" x="8" y="24">${escapeXml(chart.title)}</text>\n${body}</svg>\n`
  );
}

/** Bars from zero, with a line from the least to the greatest run. */
function barsBody({ bars, unit }: BarChart): { height: number; body: string } {
  const most = Math.max(...bars.map(({ value }) => value.max));
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / most;
  const rows = bars.map(({ label, value }, index) => {
    const middle = TITLE_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2;
    const x = (amount: number) => round(LABEL_WIDTH + amount * scale);
    const kind = label.startsWith('sse-table') ? 'ours' : 'peer';
    return (
      `<text x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>\n` +
      `<rect class="${kind}" x="${LABEL_WIDTH}" y="${middle - BAR_HEIGHT / 2}" ` +
      `width="${Math.max(1, round(value.median * scale))}" height="${BAR_HEIGHT}" rx="2">` +
      `<title>${escapeXml(label)}: ${formatFigure(value)} ${escapeXml(unit)}</title></rect>\n` +
      `<line class="spread" x1="${x(value.min)}" x2="${x(value.max)}" y1="${middle}" y2="${middle}"/>\n` +
      `<text class="value" x="${x(value.max) + 8}" y="${middle + 4}">` +
      `${formatNumber(value.median)} ${escapeXml(unit)}</text>\n`
    );
  });
  return { height: TITLE_HEIGHT + bars.length * ROW_HEIGHT + 12, body: rows.join('') };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
