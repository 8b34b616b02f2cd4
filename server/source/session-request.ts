/**
 * What a body of `POST /api/start` may set, checked.
 *
 * @see SPEC 3.3, 10 "Demo"
 */
import { SseTableError } from '../base/errors.ts';
import type { Weights } from './generator.ts';

/** A session's settings. */
export interface SessionRequest {
  intervalMs: number;
  weights: Weights;
  minRecords: number;
  maxSessionMs: number;
  /** Of the operations; undefined: a random one. */
  seed: number | undefined;
}

const SECOND = 1_000; // ms

const DEFAULTS: SessionRequest = {
  intervalMs: 2 * SECOND,
  weights: { add: 40, update: 50, delete: 10 },
  minRecords: 3,
  maxSessionMs: 300 * SECOND,
  seed: undefined,
};

/** The whole numbers that each member takes. */
const RANGES = {
  interval_ms: [1, 60_000],
  min_records: [0, 1_000],
  max_session_s: [1, 86_400],
  seed: [0, 4_294_967_295],
} as const;

const MEMBERS = [...Object.keys(RANGES), 'weights'];

const KINDS = ['add', 'update', 'delete'] as const;

/**
 * Reads the body of a start, undefined for none.
 * @throws {SseTableError} `bad_option` naming the member, its value and what it takes.
 */
export function checkSessionRequest(body: unknown): SessionRequest {
  if (body === undefined) return DEFAULTS;
  if (!isObject(body)) {
    throw badOption(`the body must be a JSON object or empty, not ${show(body)}`);
  }
  refuseUnknown(body, MEMBERS, 'the body');
  const seconds = wholeNumber(body, 'max_session_s');
  return {
    intervalMs: wholeNumber(body, 'interval_ms') ?? DEFAULTS.intervalMs,
    weights: 'weights' in body ? checkWeights(body.weights) : DEFAULTS.weights,
    minRecords: wholeNumber(body, 'min_records') ?? DEFAULTS.minRecords,
    maxSessionMs: seconds === undefined ? DEFAULTS.maxSessionMs : seconds * SECOND,
    seed: wholeNumber(body, 'seed'),
  };
}

function wholeNumber(body: Record<string, unknown>, name: keyof typeof RANGES): number | undefined {
  const value = body[name];
  if (!Object.hasOwn(body, name)) return undefined;
  const [min, max] = RANGES[name];
  const isFit =
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  if (isFit) return value;
  throw badOption(`${name} ${show(value)} is no whole number from ${min} to ${max}`);
}

/** A kind that is left out has weight 0. */
function checkWeights(value: unknown): Weights {
  const example = 'give for example {"add":40,"update":50,"delete":10}';
  if (!isObject(value)) throw badOption(`weights ${show(value)} is no object; ${example}`);
  refuseUnknown(value, KINDS, 'weights');
  const weights: Weights = { add: 0, update: 0, delete: 0 };
  for (const kind of KINDS) {
    if (!Object.hasOwn(value, kind)) continue;
    const weight = value[kind];
    if (typeof weight !== 'number' || !(weight >= 0)) {
      throw badOption(`weights.${kind} ${show(weight)} is no number of 0 or more; ${example}`);
    }
    weights[kind] = weight;
  }
  const sum = weights.add + weights.update + weights.delete;
  if (sum > 0 && Number.isFinite(sum)) return weights;
  throw badOption(`the sum of weights must be above 0 and finite, not ${sum}; ${example}`);
}

function refuseUnknown(value: object, known: readonly string[], where: string): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    throw badOption(`${where} has an unknown member ${show(name)}; it takes ${known.join(', ')}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in a message, cut to a bounded length. */
function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}

function badOption(message: string): SseTableError {
  return new SseTableError('bad_option', message);
}
