/**
 * Points gathered while a scenario goes through sizes, one line for each server.
 */

import type { LineChart } from '../result.ts';
import type { Figure } from './statistics.ts';

/** Lines of a chart that grow point by point. */
export class Growth {
  readonly #lines = new Map<string, { x: number; y: Figure }[]>();

  add(label: string, x: number, y: Figure): void {
    const points = this.#lines.get(label) ?? [];
    this.#lines.set(label, points);
    points.push({ x, y });
  }

  /** The chart of what has been gathered; a single point makes no line. */
  chart(words: Omit<LineChart, 'kind' | 'lines'>): LineChart {
    const lines = Array.from(this.#lines, ([label, points]) => ({ label, points }));
    return { kind: 'lines', ...words, lines: lines.filter(({ points }) => points.length > 1) };
  }
}
