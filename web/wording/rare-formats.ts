/**
 * Formats that few tables need: fetched with what else comes for such columns.
 *
 * @see FRONTEND 4 "Columns"
 */
import { type Format, toDate } from './format.ts';

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** The units of `relative`, largest first, in seconds. */
const TIME_UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "3 minutes ago": grows old by itself. */
export function relativeFormat(
  locale: string | undefined,
  plain: Format,
  now: () => number = Date.now,
): Format {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return (value, row) => {
    const date = toDate(value);
    if (date === undefined) return plain(value, row);
    const seconds = Math.round((date.getTime() - now()) / 1_000);
    for (const [unit, length] of TIME_UNITS) {
      if (Math.abs(seconds) < length && unit !== 'second') continue;
      return format.format(Math.trunc(seconds / length), unit);
    }
    return plain(value, row);
  };
}

/** "1.5 MB", in powers of 1,000. */
export function bytesFormat(locale: string | undefined, plain: Format, digits = 1): Format {
  const formats = BYTE_UNITS.map(
    (unit, power) =>
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay: power === 0 ? 'narrow' : 'short',
        maximumFractionDigits: power === 0 ? 0 : digits,
      }),
  );
  return (value, row) => {
    if (typeof value !== 'number') return plain(value, row);
    const size = Math.abs(value);
    const power = size < 1 ? 0 : Math.floor(Math.log10(size) / 3);
    const format = formats[Math.min(power, formats.length - 1)];
    return format?.format(value / 1_000 ** Math.min(power, formats.length - 1)) ?? '';
  };
}

/** Of an array of numbers the latest. */
export function latestFormat(locale: string | undefined, plain: Format): Format {
  const format = new Intl.NumberFormat(locale);
  return (value, row) => {
    const last = Array.isArray(value) ? value.at(-1) : undefined;
    return typeof last === 'number' ? format.format(last) : plain(value, row);
  };
}
