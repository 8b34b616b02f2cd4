import * as assert from 'uvu/assert';
import { SseTableError } from '../../../server/base/errors.ts';
import { parseFilter } from '../../../server/table/view/filter.ts';
import type { Json } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('parseFilter');

/** The filter, cells that pass, cells that don't. Null passes none but `is.null`. */
const CASES: [text: string, passing: Json[], others: Json[]][] = [
  ['eq.Paris', ['Paris'], ['paris', 'Paris ', '', 7, true, ['Paris']]],
  ['eq.', [''], [' ', 0, false]],
  ['eq.5', [5, 5.0, '5'], ['5.0', 50, '05']],
  ['eq.5.0', [5, '5.0'], ['5', 5.01]],
  ['eq.-1e3', [-1000, '-1e3'], ['-1000', 1000]],
  ['eq.0', [0, -0, '0'], ['', false, '-0']],
  ['eq.true', [true, 'true'], [false, 1]],
  ['eq.00501', ['00501', 501], ['501']],
  ['eq.{"a":1}', [{ a: 1 }, '{"a":1}'], [{ a: 2 }]],
  ['eq.a.b', ['a.b'], ['a']],
  ['eq."x"', ['"x"'], ['x']],
  ['neq.5', [6, '5.0', 'x', true], [5, '5']],
  ['gt.80', [81, 80.5, 1e300], [80, 9, -81]],
  ['gt.b', ['c', 'ba', 'é'], ['b', 'a', 'B']],
  ['gt.10', ['9', '100'], ['1', 9]],
  ['gte.80', [80, 81], [79.9]],
  ['lt.2026-01-01', ['2025-12-31', '1999'], ['2026-01-01', '2026-01-01T00:00']],
  ['lt.0', [-1, -0.5], [0, 1]],
  ['lte.-.5', [-0.5, -2], [-0.4, 0]],
  ['lt.0x10', [0, '0a'], ['0x10', 5, 15]],
  ['like.A*', ['A', 'Ann', 'A*'], ['ann', 'BA']],
  ['like.*n*n', ['Ann', 'nn'], ['An', 'n']],
  ['like.1*', ['1', 17, 1.5], [21]],
  ['in.(a,b)', ['a', 'b'], ['c', 'a,b', '(a,b)']],
  ['in.("a,b",c)', ['a,b', 'c'], ['a', 'b']],
  ['in.("q\\"\\\\",)', ['q"\\', ''], ['q', 'q"']],
  ['in.(1,2.0)', [1, 2, '1', '2.0'], ['2', 3]],
  ['in.()', [], ['', 0]],
  ['is.true', [true], [false, 'true', 1]],
  ['is.false', [false], [true, 0, '']],
  ['not.eq.5', [6, 'x'], [5, '5']],
  ['not.gt.80', [80, '7'], [81, '9', 'a']],
  ['not.like.A*', ['B', 7], ['Ann']],
  ['not.in.(a,b)', ['c', 1], ['a', 'b']],
  ['not.is.true', [false, 'true'], [true]],
  ['not.is.null', [0, '', false, []], []],
];

for (const [text, passing, others] of CASES) {
  test(`${text}: what passes`, () => {
    const filter = parseFilter('c', text);
    for (const cell of passing) assert.is(filter.passes(cell), true, JSON.stringify(cell));
    for (const cell of others) assert.is(filter.passes(cell), false, JSON.stringify(cell));
    assert.is(filter.passes(null), false, 'null');
  });
}

test('is.null: null alone', () => {
  const filter = parseFilter('c', 'is.null');
  assert.is(filter.passes(null), true);
  for (const cell of ['', 0, false, 'null', []]) assert.is(filter.passes(cell), false);
});

const REFUSED: [text: string, code: string, message: RegExp][] = [
  [
    'Paris',
    'unknown_operator',
    /^city=Paris has no known operator; .*eq, neq, gt.* city=eq\.value/,
  ],
  ['', 'unknown_operator', /^city= has no known operator/],
  ['equals.Paris', 'unknown_operator', /^city=equals\.Paris has/],
  ['EQ.Paris', 'unknown_operator', /^city=EQ\.Paris has/],
  ['toString.x', 'unknown_operator', /^city=toString\.x has/],
  ['not.Paris', 'unknown_operator', /^city=not\.Paris has/],
  ['not.not.eq.a', 'unknown_operator', /^city=not\.not\.eq\.a has/],
  ['is.maybe', 'bad_request', /^city=is\.maybe asks for "maybe"; "is" takes null, true, false/],
  ['in.a,b', 'bad_request', /^city=in\.a,b needs parentheses/],
  ['in.(a', 'bad_request', /needs parentheses/],
  ['in.("a)', 'bad_request', /quote that is not closed/],
  ['in.("a"b,c)', 'bad_request', /has "b" after a closing quote/],
  [`eq.${'x'.repeat(4_097)}`, 'bad_request', /"city" has 4097 characters; at most 4096/],
];

for (const [text, code, message] of REFUSED) {
  test(`${text.slice(0, 20)}: refused by name`, () => {
    try {
      parseFilter('city', text);
    } catch (error) {
      if (!(error instanceof SseTableError)) throw error;
      assert.is(error.code, code);
      assert.match(error.message, message);
      return;
    }
    assert.unreachable('it was accepted');
  });
}
