/**
 * The files of the build, as a page without a bundler loads them.
 *
 * @see FRONTEND 1, 4 "Conventions"
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import * as assert from 'uvu/assert';
import { findChromium, launchChromium, NO_CHROMIUM } from '../services/chromium.ts';
import { suite } from '../suite.ts';
import { initEvent, startPageServer, updateEvent } from './page-server.ts';

const test = suite('sse-table.js');
const LIMIT = { timeoutMs: 60_000 };
const PAGE = new URL('../../dist/page/', import.meta.url);

/** The page build of `npm test`. */
function built(name: string): string {
  return readFileSync(fileURLToPath(new URL(name, PAGE)), 'utf8');
}

test('at most 25,000 bytes with gzip', () => {
  const bytes = gzipSync(built('sse-table.js'), { level: 9 }).length;
  assert.ok(bytes <= 25_000, `${bytes} bytes`);
});

let browser: Browser | undefined;
test.after(async () => browser?.close());

/** Runs `body` on a page that loads the built files. */
function onPage(
  name: string,
  html: string,
  body: (
    page: import('playwright-core').Page,
    server: Awaited<ReturnType<typeof startPageServer>>,
  ) => Promise<void>,
): void {
  if (findChromium() === undefined) {
    test.skip(name, NO_CHROMIUM);
    return;
  }
  test(name, LIMIT, async () => {
    browser ??= await launchChromium();
    await using server = await startPageServer();
    server.body = html;
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.route(/\/sse-table[\w-]*\.js$/, (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      return route.fulfill({ contentType: 'text/javascript', body: built(name) });
    });
    try {
      await page.goto(server.url);
      await body(page, server);
      assert.equal(errors, []);
    } finally {
      await page.close();
    }
  });
}

onPage(
  'attributes, properties and children work as with all of Lit',
  `<sse-table src="/stream" label="Users" paused="x" debounce="0">
     <sse-column field="score" digits="2"></sse-column><sse-column field="name"></sse-column>
   </sse-table>`,
  async (page, server) => {
    const table = page.locator('sse-table');
    await page.locator('sse-table .count', { hasText: '20 rows' }).waitFor();
    assert.is(await page.locator('sse-table .label').textContent(), 'Users');
    assert.equal(
      await page.locator('sse-table .body .row').first().locator('.cell').allTextContents(),
      ['7.90', 'Li Si'],
    );
    server.clients.at(-1)?.send(updateEvent({ id: 1, score: 1 }));
    await page.getByRole('button', { name: '1 changes waiting' }).click();
    await page.locator('sse-table .cell', { hasText: '1.00' }).first().waitFor();
    assert.is(await table.getAttribute('paused'), null);
    await table.evaluate((element) => element.setAttribute('theme', 'dark'));
    assert.is(await table.evaluate((element) => getComputedStyle(element).colorScheme), 'dark');
    await table.evaluate((element) => Reflect.set(element, 'theme', 'light'));
    await page.locator('sse-table[theme=light]').waitFor();
    await table.evaluate((element) =>
      element.querySelector('sse-column')?.setAttribute('label', 'Points'),
    );
    await page.getByRole('columnheader', { name: 'Points' }).click();
    assert.is(await table.evaluate((element) => Reflect.get(element, 'sort')), 'score');
    await page.locator('sse-table [aria-sort=ascending]').waitFor();
    await table.evaluate((element) => {
      const parent = element.parentElement;
      element.remove();
      parent?.append(element);
    });
    await page.locator('sse-table .count', { hasText: '20 rows' }).waitFor();
    assert.is(server.clients.length, 1);
  },
);

onPage(
  'properties set before the element is defined count',
  '<main></main>',
  async (page, server) => {
    server.onStream = (client) => client.send(initEvent([{ id: 1, name: 'early' }]));
    await page.evaluate(async () => {
      const element = document.createElement('sse-log');
      Object.assign(element, { src: '/stream', max: 1 });
      document.body.append(element);
      await customElements.whenDefined('sse-log');
    });
    await page.locator('sse-log p', { hasText: 'Connected to users' }).waitFor();
    assert.is(
      await page.evaluate(() => Reflect.get(document.querySelector('sse-log') ?? {}, 'max')),
      1,
    );
  },
);

onPage(
  'companions are fetched only where there is one',
  '<sse-table id="t" src="/stream"></sse-table>',
  async (page) => {
    await page.locator('sse-table .count', { hasText: '20 rows' }).waitFor();
    assert.is(await page.evaluate(() => customElements.get('sse-status') === undefined), true);
    await page.evaluate(() => {
      for (const name of ['sse-status', 'sse-stats', 'sse-log']) {
        const element = document.createElement(name);
        element.setAttribute('for', 't');
        document.body.append(element);
      }
    });
    await page.locator('sse-status', { hasText: 'Live' }).waitFor();
    await page.locator('sse-stats', { hasText: 'Records' }).waitFor();
  },
);
