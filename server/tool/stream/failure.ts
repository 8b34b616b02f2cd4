/**
 * Why a connection came to nothing, in a few words that can be counted.
 */
import { NotHttp } from './response-reader.ts';

export interface Failure {
  /** One of a few: `refused`, `status 503`, … */
  kind: string;
  /** What happened, and what mends it where that is known. */
  message: string;
}

/** Node's codes in people's words. */
const KINDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'no free port',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
};

const FIXES: Readonly<Record<string, string>> = {
  refused: 'nothing listens there; is the server running?',
  'no free port': 'this machine has no more ports for that address; use fewer --connections',
  'too many open files': 'raise the limit with ulimit -n, or use fewer --connections',
  'unknown host': 'no address is known for that name',
};

/** The failure behind what a socket or a reader threw. */
export function failureOf(error: unknown): Failure {
  if (error instanceof NotHttp) return { kind: 'not HTTP', message: error.message };
  const code = codeOf(error);
  // Several addresses were tried, each with an error of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0]);
  const message = error instanceof Error ? error.message : String(error);
  const kind = KINDS[code] ?? (isCertificate(code) ? 'certificate' : code || 'failed');
  const fix = kind === 'certificate' ? '--insecure takes any certificate' : FIXES[kind];
  return { kind, message: fix === undefined ? message : `${message}: ${fix}` };
}

function codeOf(error: unknown): string {
  const isCoded = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return isCoded ? String(error.code) : '';
}

/** OpenSSL's names for what may be wrong with one. */
function isCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(GET|VERIFY)|ERR_TLS/.test(code);
}
