/**
 * A result on the terminal.
 */
import type { Result, ResultTable } from '../result.ts';
import { formatCell, formatFigure } from './format.ts';

/** The tables, targets and notes of a result as text. */
export function toText({ tables, targets, notes }: Result): string {
  const parts = tables.map(tableText);
  if (targets.length > 0) {
    parts.push(
      targets
        .map(
          ({ what, target, measured, isMet }) =>
            `${isMet ? '✓' : '✗'} ${what}: ${formatFigure(measured)}, wanted ${target}\n`,
        )
        .join(''),
    );
  }
  parts.push(...notes.map((note) => `Note: ${note}\n`));
  return parts.join('\n');
}

function tableText({ title, columns, rows }: ResultTable): string {
  const lines = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((cells) => cells[index]?.length ?? 0)),
  );
  const text = lines.map((cells) =>
    cells
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${title}\n${text.join('\n')}\n`;
}
