/**
 * A Filter: one column, one operator, its operands, and whether a cell passes.
 *
 * Cell and operand compare as numbers when both are numbers, else as texts. Null passes no filter
 * but `is.null`, negated ones included, as in SQL.
 *
 * @see SPEC 3.1 "Views"
 */
import { SseTableError } from '../../base/errors.ts';
import type { Json } from '../../wire/change.ts';
import { compareTexts, numberOf, textOf } from './cell.ts';
import { createLike } from './like.ts';
import { splitTexts } from './list-text.ts';

/** Characters of one filter's operands: each cell of each change is compared with them. */
const MAX_OPERAND_LENGTH = 4_096;

const NEGATION = 'not.';

/** Whether a cell that is not null passes. */
type CellTest = (cell: Json) => boolean;

/** `where` of a View: one of these for each filter. */
export interface Filter {
  readonly column: string;
  readonly operator: Operator;
  readonly negated: boolean;
  /** One, but for `in`. */
  readonly operands: readonly string[];
  passes(cell: Json): boolean;
}

export type Operator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'in' | 'is';

const TESTS: Readonly<Record<Exclude<Operator, 'is'>, (operands: readonly string[]) => CellTest>> =
  {
    eq: comparing((sign) => sign === 0),
    neq: comparing((sign) => sign !== 0),
    gt: comparing((sign) => sign > 0),
    gte: comparing((sign) => sign >= 0),
    lt: comparing((sign) => sign < 0),
    lte: comparing((sign) => sign <= 0),
    like: ([pattern = '']) => {
      const isLike = createLike(pattern);
      return (cell) => isLike(textOf(cell));
    },
    in: (operands) => {
      const cells = new Set(operands.flatMap(cellsEqualTo));
      return (cell) => cells.has(lookupOf(cell));
    },
  };

/** What `is` knows: `is.null`, `is.true`, `is.false`. */
const IS: ReadonlyMap<string, Json> = new Map([
  ['null', null],
  ['true', true],
  ['false', false],
]);

const OPERATORS: readonly string[] = [...Object.keys(TESTS), 'is'];

/**
 * Reads what follows `column=`: `eq.Paris`, `not.in.(a,"b,c")`, `is.null`.
 * @throws {SseTableError} `unknown_operator` naming it and the known ones; `bad_request` for
 * operands that the operator can't take.
 */
export function parseFilter(column: string, text: string): Filter {
  const negated = text.startsWith(NEGATION);
  const plain = negated ? text.slice(NEGATION.length) : text;
  const dot = plain.indexOf('.');
  const operator = plain.slice(0, Math.max(0, dot));
  const operand = plain.slice(dot + 1);
  const what = `${column}=${text}`.slice(0, 200);
  if (!isOperator(operator)) {
    throw new SseTableError(
      'unknown_operator',
      `${what} has no known operator; operators are ${OPERATORS.join(', ')}, and each of them ` +
        `after not., as in ${column.slice(0, 100)}=eq.value`,
    );
  }
  if (operand.length > MAX_OPERAND_LENGTH) {
    throw new SseTableError(
      'bad_request',
      `the value of the filter on ${JSON.stringify(column)} has ${operand.length} characters; ` +
        `at most ${MAX_OPERAND_LENGTH} are allowed`,
    );
  }
  if (operator === 'is') return createIs(column, negated, operand, what);
  const operands = operator === 'in' ? parseIn(operand, what) : [operand];
  const test = TESTS[operator](operands);
  return {
    column,
    operator,
    negated,
    operands,
    passes: (cell) => cell !== null && test(cell) !== negated,
  };
}

/**
 * The cells that equal an operand, as `lookupOf` gives them: 80 for `80` and `80.0`, and the text.
 */
export function cellsEqualTo(operand: string): (string | number)[] {
  const number = numberOf(operand);
  return number === undefined ? [operand] : [operand, number];
}

/** What a cell is looked up by among operands: a number as itself, anything else as its text. */
export function lookupOf(cell: Json): string | number {
  return typeof cell === 'number' ? cell : textOf(cell);
}

function isOperator(name: string): name is Operator {
  return OPERATORS.includes(name);
}

function comparing(decide: (sign: number) => boolean): (operands: readonly string[]) => CellTest {
  return ([text = '']) => {
    const number = numberOf(text);
    return (cell) =>
      decide(
        typeof cell === 'number' && number !== undefined
          ? Math.sign(cell - number)
          : compareTexts(textOf(cell), text),
      );
  };
}

function createIs(column: string, negated: boolean, operand: string, what: string): Filter {
  const value = IS.get(operand);
  if (value === undefined) {
    throw new SseTableError(
      'bad_request',
      `${what} asks for ${JSON.stringify(operand.slice(0, 100))}; ` +
        `"is" takes ${[...IS.keys()].join(', ')}`,
    );
  }
  return {
    column,
    operator: 'is',
    negated,
    operands: [operand],
    passes: (cell) => (cell === value) !== negated && (cell !== null || value === null),
  };
}

/** `(a,b)`; an empty list passes nothing. */
function parseIn(operand: string, what: string): string[] {
  if (!operand.startsWith('(') || !operand.endsWith(')')) {
    throw new SseTableError('bad_request', `${what} needs parentheses, as in in.(a,b)`);
  }
  return [...new Set(splitTexts(operand.slice(1, -1), what))].sort(compareTexts);
}
