/**
 * What a scenario finds out: figures in tables, charts of them, and targets with what was measured.
 */
import type { Figure } from './measure/statistics.ts';

/** A word, a plain number, or the figure of several runs. */
export type Cell = string | number | Figure;

export interface ResultTable {
  title: string;
  /** Units are in the titles. */
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** One value each of several contenders. */
export interface BarChart {
  kind: 'bars';
  name: string;
  title: string;
  unit: string;
  bars: readonly { label: string; value: Figure }[];
}

/** Growth: both axes are logarithmic. */
export interface LineChart {
  kind: 'lines';
  name: string;
  title: string;
  xTitle: string;
  yTitle: string;
  lines: readonly { label: string; points: readonly { x: number; y: Figure }[] }[];
}

export type Chart = BarChart | LineChart;

/** Something promised, and whether it was kept. */
export interface Target {
  what: string;
  /** `≤ 1.25`. */
  target: string;
  measured: Figure;
  isMet: boolean;
}

/** The outcome of one scenario. */
export interface Result {
  tables: ResultTable[];
  charts: Chart[];
  targets: Target[];
  /** What a reader must know to judge the figures, beside the method. */
  notes: string[];
}

/** A target that the median is to stay at or below. */
export function atMost(what: string, limit: number, measured: Figure, unit = ''): Target {
  const target = `≤ ${limit.toLocaleString('en')}${unit}`;
  return { what, target, measured, isMet: measured.median <= limit };
}

/** A target that the median is to reach. */
export function atLeast(what: string, limit: number, measured: Figure, unit = ''): Target {
  const target = `≥ ${limit.toLocaleString('en')}${unit}`;
  return { what, target, measured, isMet: measured.median >= limit };
}
