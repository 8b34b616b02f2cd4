/** The dashboard in Chromium against the real server. @see FRONTEND 5, 6 */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { createApp } from '../../../server/app.ts';
import { loadPage } from '../../../server/page.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';
import { axeViolations } from '../axe.ts';

const test = suite('Dashboard');

/** A page load and a few round trips on a busy machine. */
const LIMIT = { timeoutMs: 60_000 };

interface Opened {
  page: Page;
  url: string;
  app: ReturnType<typeof createApp>;
}

const shared: { browser?: Browser; files?: ReadonlyMap<string, Buffer> } = {};

/** Opens the dashboard of a server of its own; fails on console errors, CSP violations and throws. */
async function withDashboard(
  options: {
    context?: BrowserContextOptions;
    path?: string;
    expectErrors?: boolean;
    demo?: boolean;
    before?: (opened: Opened) => unknown;
  },
  body: (opened: Opened) => Promise<void>,
): Promise<void> {
  shared.browser ??= await launchChromium();
  shared.files ??= loadPage();
  const app = createApp({ demo: options.demo ?? true, grace: 100 }, { page: shared.files });
  const { url } = await app.listen(0);
  const context = await shared.browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    ...options.context,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await options.before?.({ page, url, app });
    await page.goto(`${url}${options.path ?? '/'}`);
    await body({ page, url, app });
    if (options.expectErrors !== true) assert.equal(complaints, []);
  } finally {
    await context.close();
    await app.close();
  }
}

/** The text of the table's rows. */
function rowTexts(page: Page): Promise<string[]> {
  return page.locator('sse-table [part~="body"] [role="row"]').allInnerTexts();
}

async function rowsLoaded(page: Page): Promise<void> {
  await page.locator('sse-table [part~="body"] [role="row"]').first().waitFor();
}

if (findChromium() === undefined) {
  test.skip('all', NO_CHROMIUM);
} else {
  test(
    'Start: rows change; Stop: they rest, the session says so and Start is offered again',
    LIMIT,
    () =>
      withDashboard({}, async ({ page }) => {
        await rowsLoaded(page);
        const stop = page.getByRole('button', { name: /^Stop/ });
        assert.is(await stop.isDisabled(), true);
        await page.getByLabel('Pace').selectOption('50');
        const before = await rowTexts(page);
        await page.getByRole('button', { name: /^Start/ }).click();
        await page
          .locator('#session-id')
          .filter({ hasText: /^[A-Za-z0-9]{16}$/ })
          .waitFor();
        await page.waitForFunction(
          (text) => document.querySelector('#session-count')?.textContent !== text,
          '0',
        );
        await page.waitForFunction(
          () => Number(document.querySelector('#session-count')?.textContent) > 10,
        );
        assert.match(await page.locator('#session-expiry').innerText(), /^(5:00|4:\d\d)$/);
        assert.not.equal(await rowTexts(page), before);
        await stop.click();
        await page.getByText('Stopped.').waitFor();
        await page.locator('sse-status').getByText('Ended').waitFor();
        await page.getByRole('button', { name: 'Start again' }).waitFor();
        const count = await page.locator('#session-count').innerText();
        const rest = await rowTexts(page);
        await page.waitForTimeout(400);
        assert.equal(await rowTexts(page), rest);
        assert.is(await page.locator('#session-count').innerText(), count);
      }),
  );

  test('reload: the running session goes on, with the same id', LIMIT, () =>
    withDashboard({}, async ({ page }) => {
      await page.getByRole('button', { name: /^Start/ }).click();
      const id = page.locator('#session-id').filter({ hasText: /\w/ });
      const first = await id.innerText();
      await page.reload();
      assert.is(await id.innerText(), first);
      await page.locator(`sse-table[src="/api/stream/${first}"]`).waitFor();
      await rowsLoaded(page);
      await page.getByRole('button', { name: /^Stop/ }).click();
      await page.getByText('Stopped.').waitFor();
    }),
  );

  test('reload: a session that the server no longer knows gives way to the live table', LIMIT, () =>
    withDashboard(
      {
        before: ({ page }) =>
          page.addInitScript(() =>
            sessionStorage.setItem(
              'sse-table.session',
              JSON.stringify({ id: 'Ab3dE5gH1jK2mN4p', expiresAt: Date.now() + 60_000 }),
            ),
          ),
      },
      async ({ page }) => {
        await page.getByText('The session is over.').waitFor();
        await rowsLoaded(page);
        assert.is(await page.locator('sse-table').getAttribute('src'), '/api/tables/users/stream');
        await page.getByRole('button', { name: 'Start again' }).waitFor();
      },
    ),
  );

  test('before Start: the table is live, changes by others show', LIMIT, () =>
    withDashboard({}, async ({ page, app }) => {
      await rowsLoaded(page);
      app.table('users').apply([{ type: 'add', data: { id: 9_001, name: 'Ada', score: 1 } }]);
      await page.locator('sse-table').getByText('Ada').waitFor();
    }),
  );

  test('language: Chinese by the browser, English by the switch, kept over a reload', LIMIT, () =>
    withDashboard({ context: { locale: 'zh-CN' } }, async ({ page }) => {
      await page.getByRole('button', { name: '开始演示' }).waitFor();
      await page.locator('sse-status').getByText('实时').waitFor();
      await page.locator('sse-table').getByText('姓名').waitFor();
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('button', { name: 'Start demo' }).waitFor();
      await page.locator('sse-status').getByText('Live').waitFor();
      await page.locator('sse-table').getByText('Name', { exact: true }).waitFor();
      assert.is(await page.locator('html').getAttribute('lang'), 'en');
      await page.reload();
      await page.getByRole('button', { name: 'Start demo' }).waitFor();
    }),
  );

  test(
    'theme: the system’s until the toggle, then kept; toggled back it follows again',
    LIMIT,
    () =>
      withDashboard({ context: { colorScheme: 'light' } }, async ({ page }) => {
        const background = () =>
          page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const light = await background();
        await page.emulateMedia({ colorScheme: 'dark' });
        const dark = await background();
        assert.is.not(dark, light);
        await page.emulateMedia({ colorScheme: 'light' });
        const toggle = page.getByRole('button', { name: 'Dark theme' });
        await toggle.click();
        assert.is(await background(), dark);
        assert.is(await toggle.getAttribute('aria-pressed'), 'true');
        await page.reload();
        assert.is(await background(), dark);
        await toggle.click();
        assert.is(await background(), light);
        await page.emulateMedia({ colorScheme: 'dark' });
        assert.is(await background(), dark);
      }),
  );

  for (const width of [360, 768, 1280, 2560, 3840]) {
    test(`${width} px: nothing overflows, everything is there`, LIMIT, () =>
      withDashboard({ context: { viewport: { width, height: 900 } } }, async ({ page }) => {
        await rowsLoaded(page);
        const overflow = () =>
          page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          );
        assert.is(await overflow(), 0);
        for (const selector of [
          '#start',
          '#stop',
          'sse-status',
          'sse-stats',
          'sse-table',
          'sse-log',
        ]) {
          const box = await page.locator(selector).boundingBox();
          assert.ok(box !== null && box.width > 40 && box.height > 20, `${selector} is shown`);
          assert.ok(box.x >= 0 && box.x + box.width <= width, `${selector} is within the page`);
        }
        await page.getByRole('button', { name: /^Start/ }).click();
        await page.locator('#session-id').filter({ hasText: /\w/ }).waitFor();
        assert.is(await overflow(), 0);
      }),
    );
  }

  test('chooser: each table by ?table=, shared by its address, Back returns', LIMIT, () =>
    withDashboard(
      {
        path: '/?table=orders',
        before: ({ app }) => {
          app.table('orders').apply([{ type: 'add', data: { id: 1, item: 'green tea' } }]);
        },
      },
      async ({ page }) => {
        await page.locator('sse-table').getByText('green tea').waitFor();
        assert.is(await page.getByRole('button', { name: /^Start/ }).count(), 0);
        assert.is(await page.locator('sse-stats').getByText('Average score').count(), 0);
        await page.getByLabel('Table', { exact: true }).selectOption('users');
        await page.locator('sse-stats').getByText('Average score').waitFor();
        assert.match(page.url(), /\?table=users$/);
        await page.goBack();
        await page.locator('sse-table').getByText('green tea').waitFor();
        assert.is(await page.title(), 'orders · sse-table');
      },
    ),
  );

  test('address: order, search and filters are kept in it, and taken from it', LIMIT, () =>
    withDashboard({}, async ({ page }) => {
      await rowsLoaded(page);
      await page.locator('sse-table').getByText('Score', { exact: true }).click();
      await page.getByRole('searchbox', { name: 'Search' }).fill('a');
      const filter = page.getByRole('searchbox', { name: /Age/ });
      await filter.fill('>20');
      await filter.press('Enter');
      await page.waitForURL((url) => url.searchParams.get('where.age') === '>20');
      const { searchParams } = new URL(page.url());
      assert.equal([searchParams.get('sort'), searchParams.get('search')], ['score', 'a']);
      await page.reload();
      await rowsLoaded(page);
      await page.locator('sse-table [aria-sort=ascending]').getByText('Score').waitFor();
      assert.is(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), 'a');
      assert.is(await filter.inputValue(), '>20');
      await page.locator('h1').click();
      await page.keyboard.press('r');
      await page.waitForURL((url) => url.search === '');
      assert.is(await filter.inputValue(), '');
    }),
  );

  test('top 10: the server sends no other rows', LIMIT, () =>
    withDashboard(
      {
        path: '/?table=orders&sort=n.desc',
        before: ({ app }) => {
          const rows = Array.from({ length: 30 }, (_, id) => ({ id, n: id }));
          app.table('orders').apply(rows.map((data) => ({ type: 'add', data })));
        },
      },
      async ({ page }) => {
        await rowsLoaded(page);
        await page.getByLabel('Rows', { exact: true }).selectOption('10');
        await page.locator('sse-table').getByText('10 rows').waitFor();
        assert.match((await rowTexts(page))[0] ?? '', /29/);
        assert.is(new URL(page.url()).searchParams.get('top'), '10');
      },
    ),
  );

  test(
    'shortcuts: ? lists them, Escape closes; / searches, P pauses, letters in a field are letters',
    LIMIT,
    () =>
      withDashboard({}, async ({ page }) => {
        await rowsLoaded(page);
        await page.keyboard.press('?');
        const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
        await sheet.waitFor();
        assert.equal(await axeViolations(page), []);
        await page.keyboard.press('Escape');
        await sheet.waitFor({ state: 'hidden' });
        await page.keyboard.press('p');
        await page.locator('sse-table[paused]').waitFor();
        await page.keyboard.press('p');
        await page.keyboard.press('/');
        await page.keyboard.type('tp?');
        const search = page.getByRole('searchbox', { name: 'Search' });
        assert.is(await search.inputValue(), 'tp?');
        assert.is(await page.locator('sse-table[paused]').count(), 0);
      }),
  );

  test('no violations by axe, light and dark, English and Chinese', LIMIT, () =>
    withDashboard({ context: { colorScheme: 'light' } }, async ({ page }) => {
      await rowsLoaded(page);
      assert.equal(await axeViolations(page), []);
      await page.getByRole('button', { name: 'Dark theme' }).click();
      await page.getByRole('button', { name: '中文' }).click();
      await page.getByRole('button', { name: '开始演示' }).waitFor();
      assert.equal(await axeViolations(page), []);
    }),
  );

  test('unknown ?table=: says so and shows another', LIMIT, () =>
    withDashboard({ path: '/?table=nosuch' }, async ({ page }) => {
      await page
        .getByRole('alert')
        .getByText('There is no table “nosuch”; showing “users”.')
        .waitFor();
      await rowsLoaded(page);
    }),
  );

  test('no table: an empty state with an example, until there is one', LIMIT, () =>
    withDashboard({ demo: false }, async ({ page, app }) => {
      await page.getByRole('heading', { name: 'No table yet' }).waitFor();
      app.table('orders').apply([{ type: 'add', data: { id: 1, item: 'green tea' } }]);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('sse-table').getByText('green tea').waitFor();
      assert.is(await page.getByRole('heading', { name: 'No table yet' }).count(), 0);
    }),
  );

  test('server away at the start: an error state; Try again mends it', LIMIT, () =>
    withDashboard(
      {
        expectErrors: true,
        before: ({ page }) => page.route('**/api/tables', (route) => route.abort()),
      },
      async ({ page }) => {
        await page.getByRole('heading', { name: 'The server does not answer' }).waitFor();
        await page.unroute('**/api/tables');
        await page.getByRole('button', { name: 'Try again' }).click();
        await rowsLoaded(page);
      },
    ),
  );

  test('a refused start: the server’s message in the alert region, Start usable again', LIMIT, () =>
    withDashboard({ expectErrors: true }, async ({ page }) => {
      const message = 'too many sessions are running; stop one or wait';
      await page.route('**/api/start', (route) =>
        route.fulfill({ status: 429, json: { status: 'error', code: 'too_many', message } }),
      );
      await page.getByRole('button', { name: /^Start/ }).click();
      await page.getByRole('alert').getByText(message).waitFor();
      assert.is(await page.getByRole('button', { name: /^Start/ }).isEnabled(), true);
      await page.getByRole('button', { name: 'Dismiss' }).click();
      assert.is(await page.getByRole('alert').getByText(message).count(), 0);
    }),
  );

  test('exports: CSV and NDJSON of the table are saved under its name', LIMIT, () =>
    withDashboard({}, async ({ page }) => {
      await rowsLoaded(page);
      for (const [name, file, start] of [
        ['Export CSV', 'users.csv', 'id,name,age,city,score,status'],
        ['Export NDJSON', 'users.ndjson', '{"id":1,'],
      ] as const) {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name }).click(),
        ]);
        assert.is(download.suggestedFilename(), file);
        const chunks: Buffer[] = [];
        for await (const chunk of await download.createReadStream()) chunks.push(chunk);
        assert.is(Buffer.concat(chunks).toString().startsWith(start), true);
      }
    }),
  );

  test('keyboard: Start and Stop by Enter, and the focus stays on a usable button', LIMIT, () =>
    withDashboard({}, async ({ page }) => {
      await rowsLoaded(page);
      await page.getByRole('button', { name: /^Start/ }).focus();
      await page.keyboard.press('Enter');
      const focused = () => page.evaluate(() => document.activeElement?.id);
      await page.waitForFunction(() => document.activeElement?.id === 'stop');
      await page.keyboard.press('Enter');
      await page.getByText('Stopped.').waitFor();
      assert.is(await focused(), 'start');
    }),
  );

  test('accessibility tree: landmarks, one h1, every control has a name', LIMIT, () =>
    withDashboard({}, async ({ page }) => {
      await rowsLoaded(page);
      for (const role of ['banner', 'main', 'contentinfo'] as const) {
        assert.is(await page.getByRole(role).count(), 1, role);
      }
      assert.is(await page.getByRole('heading', { level: 1 }).count(), 1);
      for (const name of ['Demo generator', 'users', 'Log']) {
        await page.getByRole('region', { name }).waitFor();
      }
      const tree = await page.locator('body').ariaSnapshot();
      assert.is(
        /^\s*- (button|link|combobox|textbox)\s*(\[[^\]]*\])*:?\s*$/m.test(tree),
        false,
        tree,
      );
    }),
  );

  test.after(async () => {
    await shared.browser?.close();
  });
}
