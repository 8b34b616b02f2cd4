/** The gallery in Chromium against the real server, as the build serves it. @see FRONTEND 6 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { createApp } from '../../../server/app.ts';
import { loadPage } from '../../../server/page.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';
import { axeViolations } from '../axe.ts';

const test = suite('Gallery');
const LIMIT = { timeoutMs: 60_000 };

let browser: Browser | undefined;
test.after(async () => browser?.close());

async function withGallery(
  options: BrowserContextOptions & { demo?: boolean },
  body: (page: Page) => Promise<void>,
): Promise<void> {
  browser ??= await launchChromium();
  const { demo = true, ...given } = options;
  const app = createApp({ demo, grace: 100 }, { page: loadPage() });
  const { url } = await app.listen(0);
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    ...given,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // The browser itself tells of each 404: one is on show.
    const isExpected = /demo-nothing/.test(message.location().url) || !demo;
    if (['error', 'warning'].includes(message.type()) && !isExpected)
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await page.goto(`${url}/gallery`);
    await body(page);
    assert.equal(complaints, []);
  } finally {
    await context.close();
    await app.close();
  }
}

/** Goes to the example, and waits for rows in the table of that label. */
async function rowsIn(page: Page, [example, label]: readonly [string, string]): Promise<void> {
  await page.locator(`#${example}`).scrollIntoViewIfNeeded();
  await page.locator(`sse-table[label="${label}"] [part~="body"] [role="row"]`).first().waitFor();
}

const TABLES = [
  ['book', 'ACME / USD'],
  ['leaderboard', 'Top ten'],
  ['fleet', 'Vans'],
  ['log', 'Requests'],
  ['large', 'Sensors'],
  ['states', 'Paused'],
  ['look', 'Terminal'],
  ['look', '车队'],
] as const;

if (findChromium() === undefined) {
  test.skip('all', NO_CHROMIUM);
} else {
  test('each example is live, beside its markup as it was written', LIMIT, () =>
    withGallery({}, async (page) => {
      for (const table of TABLES) await rowsIn(page, table);
      const markup = page.locator('.example .markup pre');
      assert.is(await markup.count(), await page.locator('.example').count());
      assert.match(
        await markup.first().innerText(),
        /^<sse-table src="\/api\/tables\/demo-book\/stream" label="ACME \/ USD" .*debounce="0">\n {2}<sse-column field="side" badge>/,
      );
      await rowsIn(page, TABLES[0]);
      const cell = page.locator('sse-table[label="ACME / USD"] [part~="body"]');
      const before = await cell.innerText();
      await page.waitForFunction(
        ([text, body]) => body instanceof HTMLElement && body.innerText !== text,
        [before, await cell.elementHandle()] as const,
      );
      await page.locator('#states').scrollIntoViewIfNeeded();
      await page.locator('sse-table[label="Paused"]').getByText('changes waiting').waitFor();
      await page.locator('sse-table[label="Not there"]').getByText('there is no table').waitFor();
    }),
  );

  test('no violations by axe, light and dark, English and Chinese', LIMIT, () =>
    withGallery(
      { colorScheme: 'light', viewport: { width: 1280, height: 8_000 } },
      async (page) => {
        for (const table of TABLES) await rowsIn(page, table);
        assert.equal(await axeViolations(page), []);
        await page.getByRole('button', { name: 'Dark theme' }).click();
        await page.getByRole('button', { name: '中文' }).click();
        await page.getByRole('heading', { name: '排行榜' }).waitFor();
        assert.equal(await axeViolations(page), []);
      },
    ),
  );

  for (const width of [360, 1280, 2560]) {
    test(`${width} px: nothing overflows`, LIMIT, () =>
      withGallery({ viewport: { width, height: 900 } }, async (page) => {
        for (const table of TABLES) await rowsIn(page, table);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.is(overflow, 0);
      }),
    );
  }

  test('a server without the demo: the page says so', LIMIT, () =>
    withGallery({ demo: false }, async (page) => {
      await page.getByRole('status').filter({ hasText: 'without the demo' }).waitFor();
    }),
  );
}
