/**
 * Rows that the server printed into the page: seen without a script, and taken over by it.
 *
 * @see FRONTEND 4 "No-JavaScript first paint"
 */
import * as assert from 'uvu/assert';
import { htmlFormat } from '../../../server/http/html-format.ts';
import type { Json, Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';
import { tableApps } from '../table-app.ts';

const test = suite('first paint');
const scene = tableApps(test);

const ROWS: Row[] = [
  { id: 1, name: '<b>Ada</b> & "co"', tags: ['a', { b: null }], ok: true },
  { id: 2, name: '', tags: null, ok: false },
  { id: 3, name: '  two  spaces\n', ok: false },
];

const COLUMNS = [
  { name: 'id', type: 'number' },
  { name: 'name', type: 'string' },
  { name: 'tags', type: 'json' },
  { name: 'ok', type: 'boolean' },
] as const;

function printed(rows: readonly Row[], version: string): string {
  const format = htmlFormat({ name: 'users', key: 'id', columns: [...COLUMNS], version });
  return format.head + rows.map((row) => format.row(row)).join('') + format.tail;
}

test('htmlFormat: texts are escaped, other values carry their JSON', () => {
  const html = printed(ROWS.slice(0, 1), 'e.1');
  assert.match(html, '<td>&lt;b&gt;Ada&lt;/b&gt; &amp; &quot;co&quot;</td>');
  assert.match(html, '<td data-json="[&quot;a&quot;,{&quot;b&quot;:null}]">');
  assert.match(html, '<th scope="col">tags</th>');
});

const TABLE = (content: string) =>
  `<sse-table id="t" src="/api/tables/users/stream">${content}</sse-table>`;

scene(
  'without a script the rows are there to be read',
  { rows: ROWS, body: TABLE(printed(ROWS, 'e.1')), hasScript: false },
  async ({ page }) => {
    await page.getByRole('cell', { name: '<b>Ada</b> & "co"' }).waitFor();
  },
);

scene(
  'the element takes over the very rows, and the stream goes on from there',
  { rows: ROWS, body: '' },
  async ({ page, url, table, put }) => {
    const answer = await fetch(`${url}/api/tables/users?format=html`);
    assert.is(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    const html = await answer.text();
    const { version } = table;
    // What comes between the printing and the connection is not lost.
    put({ id: 4, name: 'late', tags: null, ok: true });
    const requests: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/stream')) requests.push(request.headers()['last-event-id']);
    });
    await page.evaluate((content) => {
      const parsed = new DOMParser().parseFromString(content, 'text/html');
      document.body.append(...parsed.body.childNodes);
    }, TABLE(html));
    await page.locator('#t .count', { hasText: '4 rows' }).waitFor();
    assert.equal(requests, [version]);
    const rows: Json = await page.evaluate(() => [
      ...(document.querySelector('sse-table')?.rows ?? []),
    ]);
    assert.equal(rows, [...ROWS, { id: 4, name: 'late', tags: null, ok: true }]);
    await page.locator('#t > table').waitFor({ state: 'detached' });
  },
);

scene(
  'a table that is none of ours is left alone, and rows are loaded as ever',
  { rows: ROWS, body: TABLE('<table data-sse-table="{"><tr><td>x</td></tr></table>') },
  async ({ page }) => {
    await page.locator('#t .count', { hasText: '3 rows' }).waitFor();
  },
);
