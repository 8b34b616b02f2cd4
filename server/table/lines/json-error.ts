/**
 * Where a text stops being JSON. V8 gives the place for some errors only.
 *
 * @see SPEC 6 "a malformed line is reported with its number"
 */

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

const WORD = /true|false|null/y;

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Control characters must be escaped in strings. */
const FIRST_PRINTABLE = 0x20;

/** What may come next. `first*`: as after an opening bracket, where the closing one may follow. */
type Expected = 'value' | 'firstValue' | 'name' | 'firstName' | 'colon' | 'next' | 'nothing';

/**
 * The index of the first character that cannot be part of JSON; the length where the text ends too
 * early; undefined where it is JSON. Without recursion: a line may be a megabyte of `[`.
 */
export function jsonErrorIndex(text: string): number | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  let at = 0;
  while (true) {
    at = skipSpace(text, at);
    const char = text[at];
    if (char === undefined) return expected === 'nothing' ? undefined : at;
    if (isClosing(char, expected, open)) {
      open.pop();
      expected = open.length === 0 ? 'nothing' : 'next';
      at++;
    } else if (expected === 'colon' && char === ':') {
      expected = 'value';
      at++;
    } else if (expected === 'next' && char === ',') {
      expected = open.at(-1) === '{' ? 'name' : 'value';
      at++;
    } else if ((expected === 'name' || expected === 'firstName') && char === '"') {
      const string = readString(text, at);
      if (!string.ok) return string.at;
      expected = 'colon';
      at = string.at;
    } else if (expected === 'value' || expected === 'firstValue') {
      if (char === '{' || char === '[') {
        open.push(char);
        expected = char === '{' ? 'firstName' : 'firstValue';
        at++;
        continue;
      }
      const value = readScalar(text, at);
      if (!value.ok) return value.at;
      expected = open.length === 0 ? 'nothing' : 'next';
      at = value.at;
    } else {
      return at;
    }
  }
}

function isClosing(char: string, expected: Expected, open: readonly string[]): boolean {
  if (char === '}') return open.at(-1) === '{' && (expected === 'next' || expected === 'firstName');
  if (char === ']') {
    return open.at(-1) === '[' && (expected === 'next' || expected === 'firstValue');
  }
  return false;
}

/** `at`: after the value, or where it goes wrong. */
interface Read {
  ok: boolean;
  at: number;
}

function readScalar(text: string, at: number): Read {
  if (text[at] === '"') return readString(text, at);
  for (const pattern of [NUMBER, WORD]) {
    pattern.lastIndex = at;
    if (pattern.test(text)) return { ok: true, at: pattern.lastIndex };
  }
  return { ok: false, at };
}

function readString(text: string, start: number): Read {
  let at = start + 1;
  while (at < text.length) {
    const char = text[at];
    if (char === '"') return { ok: true, at: at + 1 };
    if (char === '\\') {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return { ok: false, at };
      at = ESCAPE.lastIndex;
    } else {
      if (text.charCodeAt(at) < FIRST_PRINTABLE) return { ok: false, at };
      at++;
    }
  }
  return { ok: false, at };
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r' || text[at] === '\n') at++;
  return at;
}
