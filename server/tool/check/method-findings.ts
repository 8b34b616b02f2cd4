/**
 * How the stream is answered to those who ask in another way: gzip, HEAD, OPTIONS, old and new HTTP.
 *
 * @see SPEC 3.2 "Compression", 10 "HTTP/1.0"
 */
import { error, type Finding, note, ok, warning } from './finding.ts';
import type { Observation } from './observation.ts';

export function compressionFinding(seen: Observation, plain: Observation): Finding {
  const coding = seen.header('content-encoding') ?? 'identity';
  if (coding === 'identity') return ok('compression', 'sent as it is');
  const fix = 'flush after each event (Z_SYNC_FLUSH), or do not compress streams';
  if (coding !== 'gzip') return error('compression', `${coding}, which was not asked for`, fix);
  if (seen.failure?.kind === 'not gzip') {
    return error('compression', `not gzip: ${seen.failure.message}`, 'send what the head says');
  }
  if (seen.reads.length === 0 && plain.reads.length > 0) {
    const evidence = `gzip holds back: nothing could be read in ${seen.watchedMs} ms`;
    return error('compression', evidence, fix);
  }
  if (!/\baccept-encoding\b/i.test(seen.header('vary') ?? '')) {
    const evidence = 'gzip without Vary: a cache may give it to others';
    return note('compression', evidence, 'send Vary: Accept-Encoding');
  }
  return ok('compression', 'gzip, flushed');
}

export function headFinding(seen: Observation): Finding {
  const { head } = seen;
  const fix = 'answer HEAD like GET without a body, or 405';
  if (head === undefined) {
    const why = seen.failure?.message ?? 'no answer';
    return warning('head', `${why}: monitors and link checkers hang`, fix);
  }
  const type = seen.header('content-type') ?? 'none';
  if (head.status === 405) return note('head', '405', fix);
  if (!seen.isStream) return warning('head', `${head.status}, ${type}`, fix);
  return ok('head', `${head.status}, ${type}`);
}

export function optionsFinding(seen: Observation): Finding {
  const { head } = seen;
  const fix = 'answer OPTIONS with 204 and Allow';
  if (head === undefined) {
    return warning('options', seen.failure?.message ?? 'no answer', fix);
  }
  if (seen.isStream) return warning('options', 'OPTIONS opens a stream, which nobody reads', fix);
  if (head.status >= 500) return warning('options', `${head.status}`, fix);
  if (head.status >= 300) return note('options', `${head.status}`, fix);
  return ok('options', `${head.status}`);
}

export function http10Finding(seen: Observation): Finding {
  const fix = 'to HTTP/1.0, an old proxy\u2019s tongue, send no chunks and end by closing';
  if (seen.head === undefined) {
    return warning('http-1.0', seen.failure?.message ?? 'no answer', fix);
  }
  if (seen.header('transfer-encoding') !== undefined) {
    const evidence = `Transfer-Encoding: ${seen.header('transfer-encoding')}, which HTTP/1.0 does not know`;
    return error('http-1.0', evidence, fix);
  }
  if (!seen.isStream) return note('http-1.0', `answered with ${seen.head.status}`, fix);
  return ok('http-1.0', 'a stream that ends with the connection');
}

/** @param spoken what TLS agreed on; undefined where there is no TLS. */
export function http2Finding(spoken: string | undefined): Finding {
  const fix = 'serve https with HTTP/2, here or by a proxy in front';
  if (spoken === 'h2') return ok('http-2', 'spoken');
  const evidence = 'a browser opens at most six streams to an origin over HTTP/1.1';
  if (spoken === undefined) return note('http-2', `no TLS, so no HTTP/2: ${evidence}`, fix);
  return warning('http-2', `not spoken: ${evidence}`, fix);
}
