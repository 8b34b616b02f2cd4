/**
 * The text form of an option's value: `15s`, `8MiB`, `a,b`; read and written back.
 *
 * @see SPEC 2
 */
import type { OptionSpec } from './option-spec.ts';

/** What a setting holds once read. */
export type OptionValue = string | number | boolean | readonly string[];

const MS_OF_UNIT: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Largest first, so that a value is written in the largest unit that divides it. */
const BYTES_OF_UNIT: Record<string, number> = {
  GiB: 2 ** 30,
  GB: 1e9,
  MiB: 2 ** 20,
  MB: 1e6,
  KiB: 2 ** 10,
  kB: 1e3,
  B: 1,
};

/** Longest delay a timer keeps: Node fires longer ones at once. */
const MAX_DURATION_MS = 2 ** 31 - 1;

/** A value that cannot be read: what is wrong with it and, where one is known, a value that works. */
export class OptionProblem extends Error {
  override readonly name = 'OptionProblem';
  readonly example: string | undefined;

  constructor(message: string, example?: string) {
    super(message);
    this.example = example;
  }
}

/**
 * Reads what was written for an option, from text or from JSON.
 * @throws {OptionProblem} worded to follow the option's name: `"abc" is not a whole number`.
 */
export function readOption(spec: OptionSpec, raw: unknown): OptionValue {
  switch (spec.type) {
    case 'boolean':
      return readBoolean(raw);
    case 'list':
      return readList(raw);
    case 'texts':
      return (Array.isArray(raw) ? raw : [raw]).map((text) => readString(spec, text));
    case 'number':
      return inRange(spec, readNumber(spec, raw), String);
    case 'duration':
      return inRange(spec, readDuration(spec, raw), formatDuration);
    case 'size':
      return inRange(spec, readSize(spec, raw), formatSize);
    case 'string':
    case 'choice':
      return readString(spec, raw);
  }
}

/** A value in the form it is written in; undefined for one that is not set. */
export function formatOption(spec: OptionSpec, value: OptionSpec['default']): string | undefined {
  if (typeof value === 'number') {
    if (spec.type === 'duration') return formatDuration(value);
    return spec.type === 'size' ? formatSize(value) : String(value);
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return typeof value === 'string' ? value : value?.join(',') || undefined;
}

function readBoolean(raw: unknown): boolean {
  if (typeof raw === 'boolean') return raw;
  if (raw === 'true' || raw === '1') return true;
  if (raw === 'false' || raw === '0') return false;
  throw new OptionProblem(`${shown(raw)} is neither true nor false`, 'true');
}

function readList(raw: unknown): string[] {
  const parts = typeof raw === 'string' ? raw.split(',') : raw;
  if (!Array.isArray(parts)) throw new OptionProblem(`${shown(raw)} is not a list`, 'a,b');
  return parts.map((part) => {
    const item = typeof part === 'string' ? part.trim() : '';
    if (item === '') throw new OptionProblem(`${shown(raw)} has an empty item`, 'a,b');
    return item;
  });
}

function readNumber(spec: OptionSpec, raw: unknown): number {
  const value = typeof raw === 'string' && /^-?\d+$/.test(raw) ? Number(raw) : raw;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new OptionProblem(`${shown(raw)} is not a whole number`, formatOption(spec, spec.default));
}

function readDuration(spec: OptionSpec, raw: unknown): number {
  if (raw === 0 || raw === '0') return 0;
  const example = formatOption(spec, spec.default || 30_000);
  if (typeof raw === 'number' || (typeof raw === 'string' && /^\d+$/.test(raw))) {
    throw new OptionProblem(`${raw} has no unit (ms, s, m, h)`, `${raw}ms`);
  }
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(String(raw)) ?? [];
  const factor = MS_OF_UNIT[unit ?? ''];
  if (factor === undefined) throw new OptionProblem(`${shown(raw)} is not a time`, example);
  const ms = Number(amount) * factor;
  if (!Number.isInteger(ms)) throw new OptionProblem(`${shown(raw)} is not in whole ms`, example);
  if (ms > MAX_DURATION_MS) throw new OptionProblem(`${shown(raw)} is more than 24 days`, example);
  return ms;
}

function readSize(spec: OptionSpec, raw: unknown): number {
  const text = typeof raw === 'number' ? String(raw) : raw;
  const [, amount, unit = 'B'] =
    /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?$/i.exec(typeof text === 'string' ? text : '') ?? [];
  const name = Object.keys(BYTES_OF_UNIT).find((key) => key.toLowerCase() === unit.toLowerCase());
  const bytes = Number(amount) * (BYTES_OF_UNIT[name ?? ''] ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new OptionProblem(
    `${shown(raw)} is not a size in whole bytes`,
    formatOption(spec, spec.default),
  );
}

function readString(spec: OptionSpec, raw: unknown): string {
  const example = spec.choices === undefined ? undefined : String(spec.default);
  if (typeof raw !== 'string') throw new OptionProblem(`${shown(raw)} is not text`, example);
  if (raw === '') throw new OptionProblem('is empty; leave it out, or give it a value', example);
  if (spec.choices !== undefined && !spec.choices.includes(raw)) {
    throw new OptionProblem(`${shown(raw)} is none of ${spec.choices.join(', ')}`, example);
  }
  return raw;
}

function inRange(spec: OptionSpec, value: number, format: (value: number) => string): number {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = spec;
  if (value < min) throw new OptionProblem(`${format(value)} is below ${format(min)}`, format(min));
  if (value > max) throw new OptionProblem(`${format(value)} is above ${format(max)}`, format(max));
  return value;
}

function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  const [unit, factor] =
    Object.entries(MS_OF_UNIT).findLast(([, factor]) => ms % factor === 0) ?? (['ms', 1] as const);
  return `${ms / factor}${unit}`;
}

function formatSize(bytes: number): string {
  const [unit, factor] =
    Object.entries(BYTES_OF_UNIT).find(([, factor]) => bytes !== 0 && bytes % factor === 0) ??
    (['B', 1] as const);
  return `${bytes / factor}${unit}`;
}

function shown(raw: unknown): string {
  const text = JSON.stringify(raw) ?? String(raw);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
