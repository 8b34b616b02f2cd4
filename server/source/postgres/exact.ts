/**
 * Numbers of PostgreSQL as JSON values, without loss: a number where a double holds it, else its text.
 *
 * @see SPEC 6, 10 "Values"
 */
import type { Json } from '../../wire/change.ts';

/** Decimal digits that every double gives back. */
const EXACT_DIGITS = 15;

/** Cheap sign that a JSON text may hold a number that a double does not. */
const SUSPICIOUS_NUMBER = /\d{15}|\d\.\d*\d{14}|[eE][+-]?\d{3}/;

/**
 * `12.50` is 12.5; `0.1234567890123456789`, `9007199254740993` and `NaN` stay texts.
 * The scale of a numeric (`12.50`) is the column's, not the value's, and is not kept.
 */
export function exactNumber(text: string): number | string {
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return text;
  if (String(number) === text) return number;
  const digits = text.replace(/e.*$/i, '').replace(/[-+.]/g, '').replace(/^0+/, '');
  const isZero = digits === '';
  if (isZero !== (number === 0)) return text; // too small for a double
  return (text.includes('.') ? digits.replace(/0+$/, '') : digits).length <= EXACT_DIGITS
    ? number
    : text;
}

/** Parses JSON that PostgreSQL wrote; numbers that a double does not hold become their texts. */
export function parseExact(text: string): Json {
  return SUSPICIOUS_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
}

function keepExact(this: unknown, _: string, value: unknown, context?: { source: string }) {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return exactNumber(context.source);
}
