/**
 * Reads the request line's target: path segments, each decoded on its own, and the query.
 *
 * @see SPEC 7 "URL", 10 "%00 and other malformed escapes in a path: 400"
 */
import { SseTableError } from '../base/errors.ts';

/** Longer targets are answered 414. */
export const MAX_URL_BYTES = 8 * 1024; // 8 KiB

/** What makes a path worth a second look. */
const ESCAPED = /[%\0]/;

export interface Target {
  /** As sent, without the query. */
  path: string;
  /** Decoded; `/api/tables` is `['api', 'tables']`. An encoded slash stays inside its segment. */
  segments: string[];
  query: URLSearchParams;
}

/**
 * @throws {SseTableError} `url_too_long`; `bad_request` for a malformed escape or a NUL.
 */
export function parseTarget(url: string): Target {
  if (url.length > MAX_URL_BYTES) {
    throw new SseTableError(
      'url_too_long',
      `the URL has ${url.length} bytes; at most ${MAX_URL_BYTES} are allowed`,
    );
  }
  // The absolute form (`GET http://host/path`) is what a proxy sends.
  const relative = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const hash = relative.indexOf('#');
  const sent = hash === -1 ? relative : relative.slice(0, hash);
  const mark = sent.indexOf('?');
  const path = (mark === -1 ? sent : sent.slice(0, mark)) || '/';
  const query = new URLSearchParams(mark === -1 ? '' : sent.slice(mark + 1));
  const segments = path.slice(1).split('/');
  return { path, segments: ESCAPED.test(path) ? segments.map(decodeSegment) : segments, query };
}

function decodeSegment(segment: string): string {
  const decoded = decode(segment);
  if (decoded === undefined || decoded.includes('\0')) {
    throw new SseTableError(
      'bad_request',
      `the path has a malformed escape in ${JSON.stringify(segment.slice(0, 100))}`,
    );
  }
  return decoded;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
