import * as assert from 'uvu/assert';
import { type ErrorCode, SseTableError } from '../../server/base/errors.ts';
import { suite } from '../suite.ts';

const test = suite('SseTableError');

const STATUSES: [ErrorCode, number][] = [
  ['bad_option', 400],
  ['unauthorized', 401],
  ['read_only', 403],
  ['unknown_table', 404],
  ['body_too_large', 413],
  ['too_many', 429],
  ['overloaded', 503],
  ['table_full', 507],
];
for (const [code, status] of STATUSES) {
  test(`${code} goes with status ${status}`, () => {
    assert.is(new SseTableError(code, 'x').status, status);
  });
}

test('is an Error with a name, and keeps its cause', () => {
  const cause = new Error('inner');
  const error = new SseTableError('internal', 'outer', { cause });
  assert.instance(error, Error);
  assert.equal([error.name, error.message, error.cause], ['SseTableError', 'outer', cause]);
});
