import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { optionTables } from '../server/options-markdown.ts';
import { suite } from './suite.ts';

const README = join(import.meta.dirname, '../README.md');

const BEGIN = '<!-- options: written by `UPDATE=1 npm test -- readme` -->\n';
const END = '<!-- end of options -->\n';

const test = suite('README');

test('options: as in the table of options', () => {
  const text = readFileSync(README, 'utf8');
  const [before, rest = ''] = text.split(BEGIN);
  const [shown, after] = rest.split(END);
  assert.ok(before !== undefined && after !== undefined, 'the marks of the options are there');
  const expected = `${optionTables('###')}\n`;
  if (process.env.UPDATE === '1') {
    writeFileSync(README, before + BEGIN + expected + END + after);
    return;
  }
  assert.is(shown, expected, 'stale: run UPDATE=1 npm test -- readme');
});

test('files it links to are there', () => {
  const text = readFileSync(README, 'utf8');
  for (const [, path = ''] of text.matchAll(/\]\(([^):#]+)\)/g)) {
    assert.ok(readFileSync(join(README, '..', path)).length > 0, path);
  }
});
