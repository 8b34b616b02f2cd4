/**
 * Values of a program as JSON: copied, so that the program may go on changing its own, and refused
 * where JSON would silently say something else (NaN, a Map, a function).
 *
 * @see SPEC 10 "Values"
 */
import { type Json, type Row, setColumn } from '../wire/change.ts';

/** Levels of nesting; what has more refers to itself, most likely. */
const MAX_DEPTH = 64;

/**
 * A copy of `value` in plain JSON. Members that are undefined are left out; `toJSON` is asked.
 * @param name what messages call it.
 * @throws {TypeError} naming the member that JSON has no form of, and what it is.
 */
export function copyJson(value: unknown, name: string): Json {
  return copy(value, name, MAX_DEPTH);
}

function copy(value: unknown, path: string, levels: number): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw refusal(path, String(value));
    case 'bigint':
      throw refusal(path, 'a bigint; make it a string');
    case 'object':
      return value === null ? null : copyObject(value, path, levels);
    default:
      throw refusal(path, value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

function copyObject(value: object, path: string, levels: number): Json {
  if (levels === 0) throw refusal(path, `nested more than ${MAX_DEPTH} levels deep`);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return copy(value.toJSON(''), path, levels - 1);
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => copy(item, `${path}[${index}]`, levels - 1));
  }
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) {
    throw refusal(path, `a ${value.constructor.name}; make it an array or a plain object`);
  }
  const result: Row = {};
  for (const [member, held] of Object.entries(value)) {
    if (held !== undefined) setColumn(result, member, copy(held, `${path}.${member}`, levels - 1));
  }
  return result;
}

function refusal(path: string, what: string): TypeError {
  return new TypeError(`${path} is ${what}: JSON has no form of it`);
}
