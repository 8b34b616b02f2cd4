/**
 * Reading JSON without changing what it says: a number a double cannot hold is refused, not rounded.
 *
 * @see SPEC 10 "Values"
 */
import { SseTableError } from './errors.ts';

/** Cheap sign that a text may hold a number out of range; only then is each number looked at. */
const SUSPICIOUS_NUMBER = /\d{16}|[eE][+-]?\d{3}/;

const INTEGER = /^-?\d+$/;

/**
 * Parses JSON.
 * @throws {SseTableError} `bad_json` where it is not JSON; `bad_row` naming the column of a number
 * that would be silently changed (`1e400`, an integer beyond ±(2^53−1)).
 */
export function parseJson(text: string): unknown {
  try {
    return SUSPICIOUS_NUMBER.test(text) ? JSON.parse(text, refuseInexact) : JSON.parse(text);
  } catch (error) {
    if (error instanceof SseTableError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SseTableError('bad_json', `not JSON: ${reason}`, { cause: error });
  }
}

function refuseInexact(
  this: unknown,
  column: string,
  value: unknown,
  context?: { source: string },
) {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined) return value;
  const exact = INTEGER.test(source)
    ? Number.isSafeInteger(value)
    : Number.isFinite(value) && (value !== 0 || /^[^eE]*[1-9]/.test(source) === false);
  if (exact) return value;
  const shown = source.length > 40 ? `${source.slice(0, 40)}…` : source;
  throw new SseTableError(
    'bad_row',
    `column "${column}": ${shown} does not fit a JSON number exactly; send it as a string`,
  );
}
