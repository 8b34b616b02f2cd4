import * as assert from 'uvu/assert';
import { prefer } from '../../server/http/negotiate.ts';
import { suite } from '../suite.ts';

const test = suite('prefer');

const OFFERS = ['application/json', 'text/csv', 'application/x-ndjson'] as const;

for (const [accept, expected] of [
  [undefined, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV', 'text/csv'],
  ['text/*', 'text/csv'],
  ['application/*', 'application/json'],
  ['text/csv;q=0.5, application/x-ndjson', 'application/x-ndjson'],
  ['text/csv; q=0.9, application/json;q=0.8', 'text/csv'],
  ['application/json;q=0, */*', 'text/csv'],
  ['*/*;q=0.1, application/x-ndjson;q=0.2', 'application/x-ndjson'],
  ['text/html', undefined],
  ['text/csv;q=0', undefined],
  ['text/html, */*;q=0.8', 'application/json'],
  ['text/csv;q=9', 'text/csv'],
  [',;q=,', undefined],
] as const) {
  test(`${accept} gets ${expected}`, () => {
    assert.is(prefer(accept, OFFERS), expected);
  });
}

for (const [accept, expected] of [
  ['gzip, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0.5, gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['deflate', undefined],
] as const) {
  test(`coding ${accept} gets ${expected}`, () => {
    assert.is(prefer(accept, ['br', 'gzip', 'identity']), expected);
  });
}
