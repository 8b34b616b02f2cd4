/**
 * What a cell shows, value by value, and how columns and badges are chosen.
 *
 * @see FRONTEND 4 "Columns"
 */
import * as assert from 'uvu/assert';
import type { Json } from '../../../server/wire/change.ts';
import { sparkPath } from '../../../web/feature/formats.ts';
import { columnWidths, headingOf, resolveColumns, toneOf } from '../../../web/grid/columns.ts';
import { CHINESE } from '../../../web/wording/chinese.ts';
import { createFormat, type Format, type FormatName } from '../../../web/wording/format.ts';
import { isChinese } from '../../../web/wording/language.ts';
import { bytesFormat, relativeFormat } from '../../../web/wording/rare-formats.ts';
import { ENGLISH, fill } from '../../../web/wording/text.ts';
import { suite } from '../../suite.ts';

const test = suite('format');
const NOW = Date.UTC(2026, 0, 2, 12, 0, 0);
const NBSP = '\u00a0';

interface Case {
  name: FormatName;
  value: Json;
  shown: string;
  locale?: string;
  digits?: number;
  currency?: string;
}

const CASES: readonly Case[] = [
  { name: 'text', value: 'a <b>', shown: 'a <b>' },
  { name: 'text', value: null, shown: '' },
  { name: 'text', value: true, shown: 'Yes' },
  { name: 'text', value: false, shown: '否', locale: 'zh-CN' },
  { name: 'text', value: 1234567.5, shown: '1234567.5' },
  { name: 'text', value: { a: [1] }, shown: '{"a":[1]}' },
  { name: 'text', value: 'x'.repeat(5_000), shown: `${'x'.repeat(1_000)}…` },
  { name: 'number', value: 1234567.891, shown: '1,234,567.891' },
  { name: 'number', value: 1234567.891, shown: '1.234.567,9', locale: 'de', digits: 1 },
  { name: 'number', value: 2, shown: '2.00', digits: 2 },
  { name: 'number', value: 'n/a', shown: 'n/a' },
  { name: 'number', value: null, shown: '' },
  { name: 'currency', value: 5, shown: `5,00${NBSP}€`, locale: 'de', currency: 'EUR' },
  { name: 'currency', value: 5, shown: '$5.00' },
  { name: 'percent', value: 0.1234, shown: '12.3%' },
  { name: 'bytes', value: 999, shown: '999B' },
  { name: 'bytes', value: 1_500_000, shown: '1.5 MB' },
  { name: 'bytes', value: 0, shown: '0B' },
  { name: 'bytes', value: -2_000, shown: '-2 kB' },
  { name: 'relative', value: '2026-01-02T11:57:00Z', shown: '3 minutes ago' },
  { name: 'relative', value: NOW / 1_000, shown: 'now' },
  { name: 'relative', value: NOW + 86_400_000, shown: 'tomorrow' },
  { name: 'relative', value: NOW - 90_000, shown: '1分钟前', locale: 'zh' },
  { name: 'relative', value: 'soon', shown: 'soon' },
  { name: 'date', value: '2026-01-02T12:00:00', shown: 'Jan 2, 2026' },
  { name: 'date', value: 'no date', shown: 'no date' },
  { name: 'number', value: 1.5, shown: '1.5', locale: 'not a locale' },
];

/** As a table shows the format: those that few need come on top. */
function rare(name: FormatName, locale: string, plain: Format): Format {
  if (name === 'bytes') return bytesFormat(locale, plain);
  return name === 'relative' ? relativeFormat(locale, plain, () => NOW) : plain;
}

for (const { name, value, shown, locale = 'en-US', digits, currency } of CASES) {
  const given = (JSON.stringify(value) ?? '').slice(0, 24);
  test(`createFormat ${name}: ${given} ${locale} ${digits ?? ''} shows ${shown.slice(0, 24)}`, () => {
    const options = {
      locale,
      texts: isChinese(locale) ? CHINESE : ENGLISH,
      digits,
      currency,
    };
    const plain = createFormat(name, options);
    assert.is(rare(name, locale, plain)(value, {}), shown);
  });
}

test('resolveColumns: by type and name of the stream', () => {
  const streamed = [
    { name: 'id', type: 'number' as const },
    { name: 'score', type: 'number' as const },
    { name: 'status', type: 'string' as const },
  ];
  const columns = resolveColumns(undefined, streamed, 'id', { locale: 'en', texts: ENGLISH });
  assert.equal(
    columns.map(({ label, look, align, format }) => [label, look, align, format(1234.5, {})]),
    [
      ['ID', 'text', 'start', '1234.5'],
      ['Score', 'text', 'end', '1,234.5'],
      ['Status', 'badge', 'start', '1234.5'],
    ],
  );
});

test('resolveColumns: a declaration decides, in its own order', () => {
  const declared = [
    { field: 'b', label: 'Bee', format: (value: Json) => `<${value}>` },
    { field: 'a', format: 'number' as const, digits: 1, align: 'center' as const, flash: false },
  ];
  const columns = resolveColumns(declared, [], 'id', { locale: 'en', texts: ENGLISH });
  assert.equal(
    columns.map(({ field, label, align, flash, format }) => [
      field,
      label,
      align,
      flash,
      format(2, {}),
    ]),
    [
      ['b', 'Bee', 'start', true, '<2>'],
      ['a', 'A', 'center', false, '2.0'],
    ],
  );
});

test('columnWidths: from heading and rows, East Asian characters twice, bounded', () => {
  const columns = resolveColumns(
    [{ field: 'a' }, { field: 'b' }, { field: 'c', width: 50 }, { field: 'd' }],
    [],
    'id',
    { locale: 'en', texts: ENGLISH },
  );
  const rows = [{ a: '1', b: '中文中文中文', c: 'x'.repeat(99), d: 'x'.repeat(99) }];
  assert.equal(columnWidths(columns, rows), [72, 130, 50, 320]);
});

const HEADINGS = [
  ['created_at', 'Created at'],
  ['userId', 'User ID'],
  ['城市', '城市'],
  ['_', '_'],
] as const;
for (const [field, heading] of HEADINGS) {
  test(`headingOf: ${field} is "${heading}"`, () => assert.is(headingOf(field), heading));
}

const TONES = [
  ['active', 'good'],
  ['Inactive', 'busy'],
  ['ERROR', 'bad'],
  ['离线', 'bad'],
  ['blue', 'plain'],
] as const;
for (const [word, tone] of TONES) {
  test(`toneOf: ${word} is ${tone}`, () => assert.is(toneOf(word), tone));
}

test('texts: Chinese for zh and its kin, else English; both have the same names', () => {
  assert.is(isChinese('zh-Hant-TW'), true);
  assert.is(isChinese('zho'), false);
  assert.is(isChinese('fr'), false);
  assert.equal(Object.keys(CHINESE).sort(), Object.keys(ENGLISH).sort());
});

test('fill: marks with a value are filled, others stay', () => {
  assert.is(fill('{count} of {total}', { count: '$&' }), '$& of {total}');
});

const PATHS: [name: string, value: Json, expected: string][] = [
  ['rises', [0, 10], 'polygon(0% 100%,0.0% 95.0%,100.0% 5.0%,100% 100%)'],
  ['flat', [3, 3], 'polygon(0% 100%,0.0% 95.0%,100.0% 95.0%,100% 100%)'],
  ['one number', [3], 'polygon(0% 100%,0.0% 95.0%,100% 100%)'],
  ['no numbers', ['a', null], 'polygon(0% 100%,100% 100%)'],
  ['no array', 'a', 'polygon(0% 100%,100% 100%)'],
];
for (const [name, value, expected] of PATHS) {
  test(`sparkPath: ${name}`, () => assert.is(sparkPath(value), expected));
}
