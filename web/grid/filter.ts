/**
 * Which rows a reader asked for: a filter per column in the signs people type, and words to search for.
 *
 * @see FRONTEND 4 "Filter", SPEC 3.1 "Views"
 */
import type { Json, Row } from '../../server/wire/change.ts';

/** Filters by column: `>80`, `>=`, `<`, `<=`, `=Paris`, `!=`; any other text is to be contained. */
export type Filters = Readonly<Record<string, string>>;

/** Whether a row is wanted. */
export type Match = (row: Row) => boolean;

/** A sign, its operator in a view, and which results of comparing pass. */
const OPERATORS: Readonly<Record<string, [name: string, passes: (sign: number) => boolean]>> = {
  '>=': ['gte', (sign) => sign >= 0],
  '<=': ['lte', (sign) => sign <= 0],
  '!=': ['neq', (sign) => sign !== 0],
  '>': ['gt', (sign) => sign > 0],
  '<': ['lt', (sign) => sign < 0],
  '=': ['eq', (sign) => sign === 0],
};

/** @returns undefined when every row is wanted. */
export function createMatch(filters: Filters, search: string): Match | undefined {
  const tests: Match[] = [];
  for (const [field, text] of Object.entries(filters)) {
    const { sign, operand } = read(text);
    if (operand === '') continue;
    const passes = OPERATORS[sign]?.[1];
    const wanted = operand.toLowerCase();
    tests.push(({ [field]: value }) => {
      if (value === null || value === undefined) return false;
      return passes === undefined ? lower(value).includes(wanted) : passes(compare(value, operand));
    });
  }
  for (const word of search.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    tests.push((row) => {
      for (const field in row) if (lower(row[field] ?? '').includes(word)) return true;
      return false;
    });
  }
  return tests.length === 0 ? undefined : (row) => tests.every((test) => test(row));
}

/** The same filters as parameters of a view, for the server to apply. */
export function toViewParameters(filters: Filters): [column: string, filter: string][] {
  return Object.entries(filters).flatMap(([field, text]): [string, string][] => {
    const { sign, operand } = read(text);
    if (operand === '') return [];
    const operator = OPERATORS[sign]?.[0];
    return [[field, operator === undefined ? `like.*${operand}*` : `${operator}.${operand}`]];
  });
}

function read(text: string): { sign: string; operand: string } {
  const [, sign = '', operand = ''] = /^\s*([<>!]=|[<>=])?\s*(.*?)\s*$/s.exec(text) ?? [];
  return { sign, operand };
}

/** Numbers by size where both are, else texts without regard to case. */
function compare(value: Json, operand: string): number {
  const number = Number(operand);
  if (typeof value === 'number' && !Number.isNaN(number)) return value - number;
  const text = lower(value);
  const wanted = operand.toLowerCase();
  if (text === wanted) return 0;
  return text < wanted ? -1 : 1;
}

function lower(value: Json): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase();
}

/** The address of a stream with these filters as parameters of its view. */
export function addressWith(src: string, filters: Filters): string {
  const url = new URL(src, document.baseURI);
  for (const [column, filter] of toViewParameters(filters)) url.searchParams.set(column, filter);
  return url.href;
}
