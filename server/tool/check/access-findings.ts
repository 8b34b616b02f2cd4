/**
 * What pages of another origin may do: CORS and its preflight.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import { error, type Finding, note, ok, warning } from './finding.ts';
import type { Observation } from './observation.ts';

/** What a page asks leave for; EventSource itself needs none. */
export const PREFLIGHT = [
  ['Access-Control-Request-Method', 'GET'],
  ['Access-Control-Request-Headers', 'authorization,last-event-id'],
  ['Accept', '*/*'],
] as const;

export function corsFindings(get: Observation, preflight: Observation, origin: string): Finding[] {
  const allowed = get.header('access-control-allow-origin');
  const hasCredentials = get.header('access-control-allow-credentials') === 'true';
  if (allowed === undefined) {
    const status = get.head?.status ?? get.failure?.message ?? 'no answer';
    const evidence = `closed to pages of ${origin} (${status})`;
    return [note('cors', evidence, `allow it where wanted; --origin names the page's own`)];
  }
  if (allowed === '*' && hasCredentials) {
    const evidence =
      'Access-Control-Allow-Origin: * with credentials: browsers refuse both together';
    return [error('cors', evidence, 'name the origin, from a list of those you know')];
  }
  if (allowed !== '*' && allowed !== origin) {
    return [
      error('cors', `allows ${allowed} to ${origin}`, 'answer with the origin that asks, or *'),
    ];
  }
  if (allowed === origin && hasCredentials) {
    const evidence = `allows ${origin} with credentials; is it one that you know?`;
    const fix = 'never reflect any origin: its pages would read with your users\u2019 cookies';
    return [warning('cors', evidence, fix)];
  }
  return [ok('cors', `open to ${allowed}`), preflightFinding(preflight)];
}

function preflightFinding(preflight: Observation): Finding {
  const { head } = preflight;
  const headers = preflight.header('access-control-allow-headers') ?? '';
  const fix =
    'answer OPTIONS with 204 and Access-Control-Allow-Headers: authorization, last-event-id';
  if (head === undefined || head.status < 200 || head.status > 299) {
    const status = head?.status ?? 'no answer';
    return warning('preflight', `${status}: clients built on fetch cannot resume`, fix);
  }
  if (headers !== '*' && !/\blast-event-id\b/i.test(headers)) {
    const evidence = `allows the headers "${headers}": clients built on fetch cannot resume`;
    return warning('preflight', evidence, fix);
  }
  return ok('preflight', `${head.status}, headers ${headers}`);
}
