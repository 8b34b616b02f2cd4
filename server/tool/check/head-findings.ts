/**
 * What the head of the response says to clients, caches and proxies.
 *
 * @see SPEC 3.2 "Head"
 */
import { error, type Finding, note, ok, warning } from './finding.ts';
import { isEventStream, type Observation } from './observation.ts';

export function headFindings(seen: Observation): Finding[] {
  return [status(seen), ...(seen.head?.status === 200 ? fields(seen) : [])];
}

function status({ head, failure }: Observation): Finding {
  if (head === undefined) {
    const why = failure === undefined ? 'no answer' : `${failure.kind}: ${failure.message}`;
    return error('status', why, 'the server has to answer at once, before there is an event');
  }
  if (head.status === 200) return ok('status', '200');
  const location = head.headers.get('location');
  if (location !== undefined) {
    return error('status', `${head.status} to ${location}`, `check that address: ${location}`);
  }
  if (head.status === 204) {
    return error(
      'status',
      '204: clients never come back',
      'answer 200; 204 ends a stream for good',
    );
  }
  return error('status', `${head.status}`, 'a browser gives up for ever on anything but 200');
}

function fields(seen: Observation): Finding[] {
  return [type(seen), ...length(seen), caching(seen), buffering(seen)];
}

function type(seen: Observation): Finding {
  const value = seen.header('content-type') ?? 'none';
  const fix = 'send Content-Type: text/event-stream';
  if (!isEventStream(value)) return error('content-type', value, fix);
  const [, charset] = /charset="?([\w-]+)/i.exec(value) ?? [];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') {
    return error('content-type', `${value}: streams are UTF-8 whatever it says`, fix);
  }
  return ok('content-type', value);
}

function length(seen: Observation): Finding[] {
  const value = seen.header('content-length');
  if (value === undefined) return [];
  const evidence = `Content-Length: ${value}: the stream ends there`;
  return [error('content-length', evidence, 'leave it out: a stream has no length')];
}

function caching(seen: Observation): Finding {
  const value = seen.header('cache-control');
  const fix = 'send Cache-Control: no-cache, no-transform';
  if (!/\b(no-cache|no-store)\b/i.test(value ?? '')) {
    return warning('cache-control', `${value ?? 'none'}: a cache may keep the stream`, fix);
  }
  if (!/\bno-transform\b/i.test(value ?? '')) {
    return note('cache-control', `${value}: a proxy may compress, and so hold back`, fix);
  }
  return ok('cache-control', `${value}`);
}

function buffering(seen: Observation): Finding {
  const value = seen.header('x-accel-buffering');
  if (value?.toLowerCase() === 'no') return ok('proxy-buffering', 'X-Accel-Buffering: no');
  return warning(
    'proxy-buffering',
    `X-Accel-Buffering: ${value ?? 'none'}: nginx in front holds events back`,
    'send X-Accel-Buffering: no (nginx itself takes it out on its way)',
  );
}
