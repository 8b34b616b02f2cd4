/**
 * Figures as people read them.
 */
import type { Figure } from '../measure/statistics.ts';
import type { Cell } from '../result.ts';

/** More digits than the spread justifies would only pretend. */
const DIGITS = 3;

/** Three digits that count: `0.0123`, `6.21`, `4,710,000`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const rounded = Number(value.toPrecision(DIGITS));
  return rounded.toLocaleString('en', { maximumSignificantDigits: DIGITS });
}

/** The median, and in brackets the least and the greatest when there were several runs. */
export function formatFigure({ median, min, max, runs }: Figure): string {
  if (runs === 1) return formatNumber(median);
  return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

export function formatCell(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' ? formatNumber(cell) : formatFigure(cell);
}
