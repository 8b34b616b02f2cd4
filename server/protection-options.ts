/**
 * The options that protect the server: how much, and who.
 *
 * @see SPEC 7, 8
 */
import { KIB, MIB, SECOND, type Specs } from './option-spec.ts';

/** What is refused when there is too much of it. */
export const LIMITS = {
  'max-connections': {
    type: 'number',
    default: 5_000,
    min: 1,
    help: 'open streams; more are refused with 503',
  },
  'max-per-session': {
    type: 'number',
    default: 5,
    min: 1,
    help: 'open streams of one demo session; more are refused with 429',
  },
  'max-per-address': {
    type: 'number',
    default: 100,
    min: 1,
    help: 'open streams from one address; more are refused with 429',
  },
  'max-tables': { type: 'number', default: 256, min: 1, help: 'tables; more are refused with 429' },
  'max-views': {
    type: 'number',
    default: 256,
    min: 1,
    help: 'distinct views streamed; past it the longest unwatched leaves, else refused with 429',
  },
  'max-sessions': {
    type: 'number',
    default: 256,
    min: 1,
    help: 'running demo sessions; more are refused with 429',
  },
  'max-body': {
    type: 'size',
    default: MIB,
    min: KIB,
    help: 'a JSON body, and one line of NDJSON or CSV; longer is refused with 413',
  },
  'request-timeout': {
    type: 'duration',
    default: 15 * SECOND,
    min: 100,
    help: "time for a request's headers to arrive",
  },
} as const satisfies Specs;

/** Who may do what. */
export const ACCESS = {
  cors: {
    type: 'list',
    default: [],
    value: '<origin,…>',
    help: 'origins whose pages may use the server; * for any',
  },
  'allow-host': {
    type: 'list',
    default: [],
    value: '<name,…>',
    help: 'host names the server answers to, besides loopback ones',
  },
  'read-only': { type: 'boolean', default: false, help: 'refuse all writes with 403' },
  'jwt-secret': {
    type: 'string',
    default: undefined,
    value: '<secret>',
    help: 'require tokens signed with this secret (HS256)',
  },
  'jwks-url': {
    type: 'string',
    default: undefined,
    value: '<url>',
    help: 'require tokens signed by a key of this set (RS256, ES256)',
  },
  'token-in-query': { type: 'boolean', default: false, help: 'also accept a token as ?token=' },
  'csv-safe': {
    type: 'boolean',
    default: false,
    help: 'in CSV exports, defuse cells that spreadsheets would run',
  },
} as const satisfies Specs;
