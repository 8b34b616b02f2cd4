/**
 * The type of an unquoted CSV cell.
 *
 * @see SPEC 10 "CSV in"
 */

export type Cell = string | number | boolean | null;

/** Beyond this no number is its own shortest text: sign, 17 digits, point, exponent. */
const MAX_NUMBER_LENGTH = 25;

/**
 * A number, `true` or `false` only if writing it back gives the same text, so `00501`, `0E0`, `1.0`
 * and `-0` stay text, and so does an integer beyond ±(2^53−1). An empty cell is null.
 */
export function typeCell(text: string): Cell {
  if (text === '') return null;
  if (text === 'true') return true;
  if (text === 'false') return false;
  if (text.length > MAX_NUMBER_LENGTH || !canBeginNumber(text.charCodeAt(0))) return text;
  const value = Number(text);
  if (!Number.isFinite(value) || String(value) !== text) return text;
  const isUnsafe = Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e');
  return isUnsafe ? text : value;
}

function canBeginNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 45; // 0 to 9, -
}
