/** `<sse-status>`, `<sse-stats>` and `<sse-log>` in Chromium, on a stream whose every byte is decided here. */
import type { Browser, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { StreamEvent } from '../../../server/wire/event.ts';
import { findChromium, launchChromium, NO_CHROMIUM } from '../../services/chromium.ts';
import { suite } from '../../suite.ts';
import {
  demoRows,
  initEvent,
  type PageServer,
  startPageServer,
  updateEvent,
} from '../page-server.ts';

const test = suite('Companions');

const LIMIT = { timeoutMs: 40_000 };

const TIMESTAMP = '2026-01-01T08:30:05.000Z';

const shared: { browser?: Browser } = {};

async function withPage(
  body: string,
  check: (opened: { page: Page; server: PageServer }) => Promise<void>,
  options: { locale?: string; onStream?: PageServer['onStream'] } = {},
): Promise<void> {
  shared.browser ??= await launchChromium();
  await using server = await startPageServer();
  server.body = body;
  if (options.onStream !== undefined) server.onStream = options.onStream;
  const context = await shared.browser.newContext({
    locale: options.locale ?? 'en-US',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A cut connection and a 503 are the test's doing; the browser reports them all the same.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text());
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    await page.goto(server.url);
    await check({ page, server });
    assert.equal(complaints, []);
  } finally {
    await context.close();
  }
}

function add(id: number, message: string): StreamEvent {
  return { type: 'add', data: { id, score: 50 }, message, timestamp: TIMESTAMP };
}

/** The lines of the log, without their times. */
function lines(page: Page): Promise<string[]> {
  return page
    .locator('sse-log [part~="line"]')
    .evaluateAll((all) => all.map((line) => line.lastChild?.textContent?.trim() ?? ''));
}

async function waitForLines(page: Page, count: number): Promise<string[]> {
  await page
    .locator('sse-log [part~="line"]')
    .nth(count - 1)
    .waitFor({ state: 'attached' });
  return lines(page);
}

if (findChromium() === undefined) {
  test.skip('all', NO_CHROMIUM);
} else {
  const ALL = `<sse-table id="t" src="/stream"></sse-table><sse-status for="t"></sse-status>
    <sse-stats for="t" average="score"></sse-stats><sse-log for="t"></sse-log>`;

  test('for and src: all of a page share one connection', LIMIT, () =>
    withPage(`${ALL}<sse-stats id="own" src="/stream"></sse-stats>`, async ({ page, server }) => {
      await page.locator('#own').getByText('20', { exact: true }).waitFor();
      assert.is(server.clients.length, 1);
    }),
  );

  test('for: follows the table to another src, and to a table that comes later', LIMIT, () =>
    withPage('<sse-stats for="t"></sse-stats>', async ({ page, server }) => {
      await page.locator('sse-stats').getByText('Records').waitFor();
      assert.is(server.clients.length, 0);
      await page.evaluate(() => {
        const table = document.createElement('sse-table');
        table.id = 't';
        table.setAttribute('src', '/stream');
        document.body.append(table);
      });
      await page.locator('sse-stats').getByText('20', { exact: true }).waitFor();
      server.onStream = (client) => client.send(initEvent(demoRows(7)));
      await page.evaluate(() =>
        document.querySelector('sse-table')?.setAttribute('src', '/stream?2'),
      );
      await page.locator('sse-stats').getByText('7', { exact: true }).waitFor();
      await page.evaluate(() => document.querySelector('sse-table')?.remove());
      await page
        .locator('sse-stats')
        .getByText('7', { exact: true })
        .waitFor({ state: 'detached' });
    }),
  );

  test('sse-stats: records, updates by kind of event, average of a column', LIMIT, () =>
    withPage(
      ALL,
      async ({ page, server }) => {
        const value = (label: string) =>
          page
            .locator('sse-stats [part~="stat"]')
            .filter({ hasText: label })
            .locator('[part="value"]');
        await page.locator('sse-stats').getByText('25.0', { exact: true }).waitFor();
        const [client] = server.clients;
        client?.send(updateEvent({ id: 1, score: 40 })); // 1
        client?.send(add(3, '')); // 2: scores 40, 30, 50
        client?.send({
          type: 'batch', // 4: 40, 70, 50 and a text, which is no number
          changes: [
            { type: 'update', data: { id: 2, score: 70 } },
            { type: 'add', data: { id: 4, score: 'none' } },
          ],
          timestamp: TIMESTAMP,
        });
        client?.send({
          type: 'batch_update',
          data: [{ id: 1, score: 30 }],
          message: '',
          timestamp: TIMESTAMP,
        });
        client?.send({ type: 'sync', data: [{ id: 2, score: 10 }], deleted: [4] }); // 7
        client?.send({ type: 'heartbeat', timestamp: 1, version: 'e.7' });
        await value('Average score').getByText('30.0', { exact: true }).waitFor();
        assert.is(await value('Records').innerText(), '3');
        assert.is(await value('Updates').first().innerText(), '7');
        await page.waitForFunction(() => {
          const path = document.querySelector('sse-stats')?.shadowRoot?.querySelector('path');
          return /L59 0\.0|L5[0-9] 0\.0/.test(path?.getAttribute('d') ?? '');
        });
      },
      {
        onStream: (client) =>
          client.send(
            initEvent([
              { id: 1, score: 20 },
              { id: 2, score: 30 },
            ]),
          ),
      },
    ),
  );

  test('sse-log: a line per event with its kind and time, a line for a batch', LIMIT, () =>
    withPage(ALL, async ({ page, server }) => {
      await waitForLines(page, 1);
      const [client] = server.clients;
      client?.send(add(21, 'Added user: Li Si'));
      client?.send({ type: 'update', data: { id: 21 }, message: '', timestamp: TIMESTAMP });
      client?.send({ type: 'delete', data: { id: 21 }, message: '', timestamp: TIMESTAMP });
      client?.send({
        type: 'batch',
        changes: [
          { type: 'delete', data: { id: 1 } },
          { type: 'delete', data: { id: 2 } },
        ],
        timestamp: TIMESTAMP,
      });
      client?.send({ type: 'heartbeat', timestamp: 1, version: 'e.7' });
      client?.send({ type: 'error', code: 'internal', message: 'it broke <b>here</b>' });
      assert.equal(await waitForLines(page, 6), [
        'Connected to users: 20 rows',
        'Added user: Li Si',
        'Updated 21',
        'Deleted 21',
        '2 changes',
        'it broke <b>here</b>',
      ]);
      const kinds = await page
        .locator('sse-log [part~="line"]')
        .evaluateAll((all) => all.map((line) => line.className));
      assert.equal(kinds, ['success', 'success', 'info', 'info', 'info', 'error']);
      assert.match(await page.locator('sse-log time').nth(1).innerText(), /^8:30:05\sAM$/);
      const log = page.getByRole('log', { name: 'Log' });
      assert.is(await log.getAttribute('aria-live'), 'off');
    }),
  );

  test(
    'sse-log: bounded by max, latest at the bottom, rests where the reader has scrolled',
    LIMIT,
    () =>
      withPage(
        '<sse-table id="t" src="/stream"></sse-table><sse-log for="t" max="60"></sse-log>',
        async ({ page, server }) => {
          await waitForLines(page, 1);
          const [client] = server.clients;
          const log = page.getByRole('log');
          const gap = () =>
            log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
          for (let i = 0; i < 100; i++) client?.send(add(i, `line ${i}`));
          await log.getByText(/ line 99$/).waitFor();
          const kept = await lines(page);
          assert.is(kept.length, 60);
          assert.is(kept[0], 'line 40');
          assert.ok((await gap()) <= 8);
          await log.evaluate((box) => {
            box.scrollTop = 100;
          });
          await page.waitForTimeout(50); // the scroll event comes with the next frame
          for (let i = 0; i < 5; i++) client?.send(add(i, `more ${i}`));
          const button = page.locator('sse-log').getByRole('button', { name: '5 new' });
          await button.waitFor();
          assert.ok((await gap()) > 100, 'it stays where the reader is');
          await button.click();
          await button.waitFor({ state: 'detached' });
          assert.ok((await gap()) <= 8);
          client?.send(add(6, 'and on'));
          await log.getByText('and on').waitFor();
          assert.ok((await gap()) <= 8, 'it follows again');
        },
      ),
  );

  test('sse-status: live, count-down while away, a click connects at once', LIMIT, () =>
    withPage(
      '<sse-status src="/stream"></sse-status><sse-log src="/stream"></sse-log>',
      async ({ page, server }) => {
        const status = page.locator('sse-status').getByRole('button');
        await status.getByText('Live').waitFor();
        assert.is(await status.getAttribute('aria-disabled'), 'true');
        server.onStream = (_client, response) =>
          response.writeHead(503, { 'retry-after': '600' }).end();
        server.clients[0]?.cut();
        await status.getByText('Reconnecting').waitFor();
        await status.getByText(/^next try in \d+m$/).waitFor();
        await page.locator('sse-log').getByText('Connection lost').waitFor();
        server.onStream = (client) => client.send(initEvent(demoRows(3)));
        const before = server.clients.length;
        await status.click();
        await status.getByText('Live').waitFor();
        assert.is(server.clients.length, before + 1);
      },
    ),
  );

  test('sse-status: without a table it speaks, but only of what lasts', LIMIT, () =>
    withPage('<sse-status src="/stream"></sse-status>', async ({ page, server }) => {
      const spoken = page.locator('sse-status').getByRole('status');
      await page.locator('sse-status').getByText('Live').first().waitFor();
      server.onStream = (_client, response) =>
        response.writeHead(503, { 'retry-after': '600' }).end();
      server.clients[0]?.cut();
      await page.locator('sse-status').getByText('Reconnecting').first().waitFor();
      assert.is.not(await spoken.innerText(), 'Reconnecting');
      await spoken.getByText('Reconnecting').waitFor();
    }),
  );

  test('language: Chinese by lang, and a switch of the page’s language', LIMIT, () =>
    withPage(
      ALL,
      async ({ page }) => {
        await page.locator('sse-stats').getByText('Records').waitFor();
        await page.evaluate(() => {
          document.documentElement.lang = 'zh-CN';
        });
        await page.locator('sse-stats').getByText('记录数').waitFor();
        await page.locator('sse-stats').getByText('score平均值').waitFor();
        await page.locator('sse-status').getByText('实时').waitFor();
        await page.getByRole('log', { name: '日志' }).waitFor();
      },
      { locale: 'de-DE' },
    ),
  );

  test('a language tag that Intl cannot read takes nothing down', LIMIT, () =>
    withPage(`<div lang="en_US">${ALL}</div>`, async ({ page }) => {
      await page.locator('sse-stats').getByText('20', { exact: true }).waitFor();
      await waitForLines(page, 1);
    }),
  );

  test('removed: the connection is closed, the timers stop; put back it goes on', LIMIT, () =>
    withPage('<sse-stats src="/stream"></sse-stats>', async ({ page, server }) => {
      await page.locator('sse-stats').getByText('20', { exact: true }).waitFor();
      const closed = new Promise((resolve) => server.clients[0]?.request.on('close', resolve));
      await page.evaluate(() => {
        const stats = document.querySelector('sse-stats');
        if (stats === null) throw new TypeError('no sse-stats');
        stats.remove();
        Object.assign(window, { stats });
      });
      await closed;
      server.onStream = (client) => client.send(initEvent(demoRows(9)));
      await page.evaluate(() => document.body.append(Reflect.get(window, 'stats')));
      await page.locator('sse-stats').getByText('9', { exact: true }).waitFor();
    }),
  );

  test.after(async () => {
    await shared.browser?.close();
  });
}
