/**
 * The part of a file that a `Range` header asks for.
 *
 * @see RFC 9110, 14; SPEC 3.5 "Range supported"
 */
import { SseTableError } from '../base/errors.ts';

/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * Reads `bytes=0-499`, `bytes=500-` and `bytes=-500`.
 * @returns undefined where all of it is to be sent: without the header, in another unit, of several
 * ranges, or malformed, all of which a server may ignore.
 * @throws {SseTableError} `range_not_satisfiable`: it begins after the end.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first < size && (from !== '' || Number(to) > 0)) return { first, last };
  throw new SseTableError(
    'range_not_satisfiable',
    `the file has ${size} bytes; ask for some of them`,
  );
}
