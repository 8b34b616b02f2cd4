/**
 * Bytes of one line as text. Bytes that are not UTF-8 are refused, never replaced.
 *
 * @see SPEC 3 "UTF-8"
 */
import { isUtf8 } from 'node:buffer';

/** What a decoder puts in place of what it cannot read. */
const REPLACEMENT = '\ufffd';

/** @returns undefined where the bytes are not valid UTF-8. */
export function decodeLine(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('utf8', start, end);
  // Free for ASCII; a text may also hold a real U+FFFD, so the bytes have the last word.
  if (!text.includes(REPLACEMENT)) return text;
  return isUtf8(bytes.subarray(start, end)) ? text : undefined;
}
